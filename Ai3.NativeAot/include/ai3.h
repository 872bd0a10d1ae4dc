/* ai3.h: the C interface of Ai3.Runtime.
 *
 * Every function that returns int gives 0 on success and another number on failure; ai3_last_error() then has one line that
 * says what is wrong. Every struct begins with its size in bytes, so that a newer library can serve an older program.
 * The caller owns all buffers. Handles may be used from any thread; ai3_run may be called by any number of threads at a time.
 *
 * Linking: with -L and -rpath on the folder that holds libai3.so, the system's loader takes the build for the best instruction
 * set of the machine from its glibc-hwcaps folders. AI3_ISA in the environment (scalar, v128, avx2, avx512) lowers the level. */
#ifndef AI3_H
#define AI3_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The version of this interface. ai3_abi_version() must return the same. */
#define AI3_ABI_VERSION 1

typedef struct ai3_model ai3_model;
typedef struct ai3_session ai3_session;

/* Element types: the numbers of ONNX's TensorProto.DataType. */
enum {
  AI3_FLOAT32 = 1, AI3_UINT8 = 2, AI3_INT8 = 3, AI3_UINT16 = 4, AI3_INT16 = 5, AI3_INT32 = 6, AI3_INT64 = 7,
  AI3_BOOL = 9, AI3_FLOAT16 = 10, AI3_FLOAT64 = 11, AI3_UINT32 = 12, AI3_UINT64 = 13, AI3_BFLOAT16 = 16
};

/* A tensor in the caller's memory, row-major. */
typedef struct {
  size_t struct_size;   /* sizeof(ai3_tensor) */
  const char* name;     /* the model's name of the input or output, UTF-8 */
  int32_t dtype;        /* element type */
  int32_t rank;         /* number of dimensions */
  const int64_t* dims;  /* rank dimensions */
  void* data;           /* the elements */
  size_t byte_length;   /* bytes at data */
} ai3_tensor;

/* What a model declares of an input or output. */
typedef struct {
  size_t struct_size;   /* sizeof(ai3_value_info) */
  const char* name;     /* UTF-8; valid until the model is freed */
  int32_t dtype;        /* element type; 0 if the value is no tensor */
  int32_t rank;         /* number of dimensions; -1 if unknown */
  int64_t dims[16];     /* -1 for a dimension that is not a number */
} ai3_value_info;

typedef struct {
  size_t struct_size;     /* sizeof(ai3_load_options) */
  int32_t untrusted;      /* not 0: tight limits, and the file is copied instead of mapped */
} ai3_load_options;

typedef struct {
  size_t struct_size;     /* sizeof(ai3_compile_options) */
  int32_t threads;        /* threads that compute one run; 0 for one per core */
  int32_t untrusted;      /* not 0: tight limits on memory and time */
  const char* isa;        /* scalar, v128, avx2, avx512, or NULL for the best */
  const char* selection;  /* algorithms, such as "Conv=winograd_f2x2_3x3,auto;MaxPool=direct", or NULL */
} ai3_compile_options;

/* The version of the library's interface. */
int32_t ai3_abi_version(void);

/* What the last failed call of this thread said: one line, UTF-8, valid until the thread's next call. */
const char* ai3_last_error(void);

/* Opens an ONNX file; options may be NULL. */
int ai3_model_load(const char* path, const ai3_load_options* options, ai3_model** model);

/* Reads an ONNX model from memory, which is copied; options may be NULL. */
int ai3_model_load_bytes(const void* bytes, size_t length, const ai3_load_options* options, ai3_model** model);

/* The number of inputs and outputs, and what is declared of each; struct_size must be set. */
int32_t ai3_model_input_count(const ai3_model* model);
int32_t ai3_model_output_count(const ai3_model* model);
int ai3_model_input(const ai3_model* model, int32_t index, ai3_value_info* info);
int ai3_model_output(const ai3_model* model, int32_t index, ai3_value_info* info);

/* Compiles a model; options may be NULL. The model must outlive the session. */
int ai3_compile(const ai3_model* model, const ai3_compile_options* options, ai3_session** session);

/* Runs once. Every input is given by name; outputs are written into the given buffers, which must have the exact type, shape
 * and size that the run gives. */
int ai3_run(const ai3_session* session, const ai3_tensor* inputs, int32_t input_count, const ai3_tensor* outputs, int32_t output_count);

/* Free what the functions above made; NULL is allowed. */
void ai3_session_free(ai3_session* session);
void ai3_model_free(ai3_model* model);

#ifdef __cplusplus
}
#endif
#endif
