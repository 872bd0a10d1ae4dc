/* ai3.h: the C interface of Ai3.Runtime, an embeddable runtime for ONNX models.
 *
 * Results. Every function but ai3_abi_version, ai3_version and ai3_last_error gives AI3_OK (0) or one of the AI3_ERROR_ numbers;
 * ai3_last_error() then has one line that says what is wrong and what would be right. What is written through a pointer is
 * written only on success.
 *
 * Structs. Every struct begins with its size and the version of the interface it was compiled for: AI3_HEADER(type). A call with
 * another size or version fails with AI3_ERROR_STRUCT, whether the struct is read or filled in.
 *
 * Handles. ai3_model, ai3_session, ai3_result, ai3_value, ai3_cancel, ai3_profile and ai3_catalog are numbers in the form of pointers; they are
 * looked up, never followed. NULL, a handle that was freed before, one of another type or a number from elsewhere gives
 * AI3_ERROR_HANDLE. What is freed while a call uses it stays alive until that call ends; freeing NULL does nothing.
 *
 * Ownership. Memory that the caller gives is read or written during the call only, and stays the caller's. Memory that the library
 * gives belongs to the handle it was asked of: it is read-only and valid until that handle is freed (for ai3_profile: or until the
 * next run with it). A session keeps its model alive: either may be freed first.
 *
 * Threads. Any function may be called on any thread, and any handle may be used by any number of threads at a time, runs
 * included; only a profile serves one run at a time. Errors are kept for each thread apart.
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
#define AI3_ABI_VERSION 3

/* The first two members of a struct: ai3_tensor x = {AI3_HEADER(ai3_tensor), ...}. */
#ifdef __cplusplus
#define AI3_HEADER(type) (uint32_t)sizeof(type), AI3_ABI_VERSION
#else
#define AI3_HEADER(type) .struct_size = (uint32_t)sizeof(type), .abi_version = AI3_ABI_VERSION
#endif

typedef struct ai3_model ai3_model;     /* a network as it was read */
typedef struct ai3_session ai3_session; /* a model compiled to a plan that runs */
typedef struct ai3_result ai3_result;   /* the outputs of one run, in memory of the library */
typedef struct ai3_value ai3_value;     /* an output or a part of one; belongs to its result */
typedef struct ai3_cancel ai3_cancel;   /* ends runs early */
typedef struct ai3_profile ai3_profile; /* the times of the steps of one run */
typedef struct ai3_catalog ai3_catalog; /* operators and their algorithms, the caller's own among them */
typedef struct ai3_workers ai3_workers; /* the threads of one run */

/* What functions return. */
enum {
  AI3_OK = 0,
  AI3_ERROR_ARGUMENT = 1,    /* an argument is wrong: an unknown name, a shape that does not fit, NULL */
  AI3_ERROR_HANDLE = 2,      /* a handle is NULL, was freed, or is of another type */
  AI3_ERROR_STRUCT = 3,      /* a struct's size or version is not the library's */
  AI3_ERROR_FILE = 4,        /* a file cannot be read */
  AI3_ERROR_FORMAT = 5,      /* bytes are no ONNX model; a file is no plan, no rules */
  AI3_ERROR_UNSUPPORTED = 6, /* a valid model needs what the library lacks; everything is listed */
  AI3_ERROR_GRAPH = 7,       /* shapes, types or values contradict the graph */
  AI3_ERROR_ALGORITHM = 8,   /* a selected algorithm or a saved plan does not apply; the message says where and why */
  AI3_ERROR_LIMIT = 9,       /* a limit would be exceeded */
  AI3_ERROR_CANCELLED = 10,  /* the run was cancelled */
  AI3_ERROR_MEMORY = 11,     /* out of memory */
  AI3_ERROR_KIND = 12,       /* a value is of another kind than asked for: a sequence, not a tensor */
  AI3_ERROR_INTERNAL = 100   /* a mistake of the library */
};

/* Kinds of values. */
enum { AI3_KIND_UNKNOWN = 0, AI3_KIND_TENSOR = 1, AI3_KIND_SEQUENCE = 2, AI3_KIND_MAP = 3, AI3_KIND_OPTIONAL = 4 };

/* Element types: the numbers of ONNX's TensorProto.DataType. Types of 4 and 2 bits share bytes, low bits first. */
enum {
  AI3_UNDEFINED = 0, AI3_FLOAT32 = 1, AI3_UINT8 = 2, AI3_INT8 = 3, AI3_UINT16 = 4, AI3_INT16 = 5, AI3_INT32 = 6, AI3_INT64 = 7,
  AI3_STRING = 8, AI3_BOOL = 9, AI3_FLOAT16 = 10, AI3_FLOAT64 = 11, AI3_UINT32 = 12, AI3_UINT64 = 13, AI3_COMPLEX64 = 14,
  AI3_COMPLEX128 = 15, AI3_BFLOAT16 = 16, AI3_FLOAT8E4M3FN = 17, AI3_FLOAT8E4M3FNUZ = 18, AI3_FLOAT8E5M2 = 19,
  AI3_FLOAT8E5M2FNUZ = 20, AI3_UINT4 = 21, AI3_INT4 = 22, AI3_FLOAT4E2M1 = 23, AI3_FLOAT8E8M0 = 24, AI3_UINT2 = 25, AI3_INT2 = 26
};

/* A tensor, row-major. Elements of AI3_STRING are const char*: UTF-8 that ends with a zero byte. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* name;    /* the model's name of the input or output; NULL for a part of a value */
  int32_t dtype;       /* element type */
  int32_t rank;        /* number of dimensions */
  const int64_t* dims; /* rank dimensions */
  void* data;          /* the elements; of a result, read-only */
  size_t byte_length;  /* bytes at data */
} ai3_tensor;

/* What is known of an input or output before a run. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* name;
  int32_t kind;               /* AI3_KIND_ */
  int32_t dtype;              /* element type of a tensor; AI3_UNDEFINED if not known */
  int32_t rank;               /* number of dimensions of a tensor; -1 if not known */
  int32_t reserved;
  const int64_t* dims;        /* rank dimensions; -1 for one that is not a number */
  const char* const* symbols; /* rank names or expressions, such as batch or 2*seq; NULL for a number */
  const char* text;           /* all of it as text, such as f32[batch,3,224,224] or seq(f32[?]) */
} ai3_value_info;

/* What a model file says about itself. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t input_count;
  int32_t output_count;
  int64_t ir_version;
  int64_t model_version;
  const char* graph_name;
  const char* producer;
  const char* domain;
  const char* description;
  int32_t opset_count;
  int32_t property_count;
  const char* const* opset_domains; /* "" is ai.onnx */
  const int64_t* opset_versions;
  const char* const* property_keys;
  const char* const* property_values;
} ai3_model_info;

/* What a session decided. Sums are those of the plan made last: 0 before the first run where shapes are symbols. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t input_count;
  int32_t output_count;
  int32_t threads;
  int32_t step_count;
  const char* isa;
  int64_t arena_bytes;     /* values between steps */
  int64_t workspace_bytes; /* scratch memory of the steps */
  int64_t packed_bytes;    /* packed constants */
  int64_t constant_bytes;  /* constants that are read as they are */
} ai3_session_info;

/* One step of a run. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* name;      /* the node */
  const char* op;        /* the operator */
  const char* algorithm; /* who computed it */
  const char* problem;   /* the problem's key; empty where only the run knows */
  double start;          /* nanoseconds since the first step began */
  double duration;       /* nanoseconds */
  double flops;          /* floating-point operations of the definition; 0 where they mean nothing */
} ai3_step;

typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t untrusted; /* not 0: tight limits, and the file is copied instead of mapped */
  int32_t reserved;
} ai3_load_options;

/* Zeros mean the defaults. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t threads;                      /* threads that compute one run; 0 for one per core */
  int32_t untrusted;                    /* not 0: tight limits on memory, loop trips and time, where no other is given below */
  const char* isa;                      /* scalar, v128, avx2, avx512; NULL for the best */
  const char* const* algorithms;        /* such as "Conv=winograd_f2x2_3x3,auto" or "node:layer1/..=gemm" with * for any text in a
                                         * node's name: the first that applies; without auto, strict */
  const char* const* disabled_rewrites; /* names of rewrites to leave out */
  const char* const* dim_names;         /* symbolic dimensions ... */
  const int64_t* dim_values;            /* ... and numbers for them */
  int32_t algorithm_count;
  int32_t disabled_rewrite_count;
  int32_t dim_count;
  int32_t strict_nan;                   /* not 0: no algorithms that spread NaN and infinities over neighbours, unless named */
  int64_t max_tensor_bytes;             /* of one tensor made while running */
  int64_t max_session_bytes;            /* of all memory of the session */
  int64_t max_folded_bytes;             /* of constants computed while compiling */
  int64_t max_loop_trips;               /* of one Loop or Scan */
  int64_t max_run_milliseconds;         /* of one run; checked between steps */
  const ai3_catalog* catalog;           /* what to choose from; NULL for what comes with the library */
  const char* plan;                     /* a file of ai3_session_save_plan that decides every node; NULL for none */
  const char* rules;                    /* a JSON file of choices, which those in algorithms outrank; NULL for none */
} ai3_compile_options;

typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const ai3_cancel* cancel; /* ends the run when it is requested; may be NULL */
  ai3_profile* profile;     /* collects the times of the steps; may be NULL */
} ai3_run_options;

/* ---- Algorithms of one's own ----
 * A shared library exports ai3_plugin_init, which registers function tables; ai3_catalog_load and 'ai3 --plugin FILE' load it. A
 * program can also register tables of its own with ai3_register_conv2d and ai3_register_gemm. Tables and texts are copied; functions must stay. All of
 * them may be called on several threads at a time, must not throw, and must give the same results for the same arguments. */

/* A 2-D convolution, row-major, with x [batch, in_channels, in_height, in_width], w [out_channels, in_channels / group,
 * kernel_height, kernel_width], bias [out_channels] and y [batch, out_channels, out_height, out_width]:
 * y[n,m,i,j] = bias[m] + sum over c in m's group and taps a, b of
 * x[n, c, i*stride_height + a*dilation_height - pad_top, j*stride_width + b*dilation_width - pad_left] * w[m, c, a, b],
 * zeros outside the input. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t dtype;            /* element type of all operands */
  int32_t threads;          /* threads that may work on one run */
  int32_t has_bias;         /* 0: bias is NULL and counts as zeros */
  int32_t constant_weights; /* not 0: the weights are the model's, so that pack may prepare them */
  int64_t batch;            /* 0 or more, as the sizes below */
  int64_t group;
  int64_t in_channels;
  int64_t out_channels;
  int64_t in_height;
  int64_t in_width;
  int64_t out_height;
  int64_t out_width;
  int64_t kernel_height;
  int64_t kernel_width;
  int64_t stride_height;
  int64_t stride_width;
  int64_t dilation_height;
  int64_t dilation_width;
  int64_t pad_top;
  int64_t pad_left;
  int64_t pad_bottom;
  int64_t pad_right;
} ai3_conv2d_problem;

/* Iterations [begin, end) of a loop; worker is in [0, threads), for scratch memory of its own. */
typedef void (*ai3_loop_body)(void* context, int64_t begin, int64_t end, int32_t worker);

/* Splits count iterations over the workers and returns when all are done. Each must give the same bits in any range. */
typedef void (*ai3_parallel_for)(const ai3_workers* workers, int64_t count, ai3_loop_body body, void* context);

/* What one run reads and writes. Operands are aligned to their elements, workspace and packed to 64 bytes. Nothing outside the
 * operands may be touched; every element of y is to be written. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const void* x;
  const void* w;
  const void* bias;           /* NULL if there is none */
  void* y;
  void* workspace;            /* workspace_bytes, contents undefined */
  const void* packed;         /* what pack wrote; NULL if the weights were not packed */
  const ai3_workers* workers; /* for parallel_for */
  ai3_parallel_for parallel_for;
} ai3_conv2d_args;

typedef const char* (*ai3_conv2d_supports)(const ai3_conv2d_problem* problem);
typedef int64_t (*ai3_conv2d_bytes)(const ai3_conv2d_problem* problem);
typedef double (*ai3_conv2d_number)(const ai3_conv2d_problem* problem);
typedef void (*ai3_conv2d_pack)(const ai3_conv2d_problem* problem, const void* w, void* packed);
typedef void (*ai3_conv2d_run)(const ai3_conv2d_problem* problem, const ai3_conv2d_args* args);

/* A way to compute convolutions. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* name;                 /* snake_case, not taken yet */
  const char* source;               /* the paper or the method's name; may be NULL */
  const char* needs;                /* in words, what it needs; may be NULL */
  ai3_conv2d_supports supports;     /* NULL if it applies, otherwise why not in one line; gives a verdict for any problem */
  ai3_conv2d_bytes workspace_bytes; /* of one run, exactly; NULL for none */
  ai3_conv2d_bytes packed_bytes;    /* of prepared weights, exactly; NULL with pack if none are prepared */
  ai3_conv2d_pack pack;             /* prepares constant weights once, into zeroed memory */
  ai3_conv2d_number cost;           /* nanoseconds of one run, to rank with; NULL: picked by name only, more or less */
  ai3_conv2d_number error;          /* the longest chain of roundings; NULL: that of a plain sum */
  ai3_conv2d_run run;
  int32_t error_kind;               /* 0: error is for each element; 1: a multiple of u times the largest sum of products */
  int32_t spreads_nan;              /* not 0: NaN and infinities reach outputs that IEEE arithmetic would not say */
} ai3_conv2d_algorithm;

/* A matrix product, row-major: y[s,i,j] = alpha * sum over l of a'[s,i,l] b'[s,l,j] + beta * c[i,j], with y [batch, m, n],
 * a' [m, k] stored as [k, m] where trans_a, b' [k, n] stored as [n, k] where trans_b. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  int32_t dtype;           /* element type of all operands */
  int32_t threads;         /* threads that may work on one run */
  int32_t trans_a;
  int32_t trans_b;
  int32_t has_c;           /* 0: c is NULL and counts as zeros */
  int32_t constant_b;      /* not 0: b is the model's, so that pack may prepare it */
  int64_t batch;           /* 0 or more, as the sizes below */
  int64_t m;
  int64_t n;
  int64_t k;
  int64_t stride_a;        /* elements from one matrix of the batch to the next; 0 if all share one */
  int64_t stride_b;
  int64_t stride_c_row;    /* c[i,j] is c[i * stride_c_row + j * stride_c_column] for every s */
  int64_t stride_c_column;
  double alpha;
  double beta;
} ai3_gemm_problem;

typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const void* a;
  const void* b;
  const void* c;              /* NULL if there is none */
  void* y;
  void* workspace;            /* workspace_bytes, contents undefined */
  const void* packed;         /* what pack wrote; NULL if b was not packed */
  const ai3_workers* workers; /* for parallel_for */
  ai3_parallel_for parallel_for;
} ai3_gemm_args;

typedef const char* (*ai3_gemm_supports)(const ai3_gemm_problem* problem);
typedef int64_t (*ai3_gemm_bytes)(const ai3_gemm_problem* problem);
typedef double (*ai3_gemm_number)(const ai3_gemm_problem* problem);
typedef void (*ai3_gemm_pack)(const ai3_gemm_problem* problem, const void* b, void* packed);
typedef void (*ai3_gemm_run)(const ai3_gemm_problem* problem, const ai3_gemm_args* args);

/* A way to compute Gemm and MatMul; members as those of ai3_conv2d_algorithm. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  const char* name;
  const char* source;
  const char* needs;
  ai3_gemm_supports supports;
  ai3_gemm_bytes workspace_bytes;
  ai3_gemm_bytes packed_bytes;
  ai3_gemm_pack pack;
  ai3_gemm_number cost;
  ai3_gemm_number error;
  ai3_gemm_run run;
  int32_t error_kind;
  int32_t spreads_nan;
} ai3_gemm_algorithm;

typedef int32_t (*ai3_plugin_register_gemm)(ai3_catalog* catalog, const ai3_gemm_algorithm* algorithm);
typedef int32_t (*ai3_plugin_register_conv2d)(ai3_catalog* catalog, const ai3_conv2d_algorithm* algorithm);

/* What a plug-in registers with; valid during ai3_plugin_init. */
typedef struct {
  uint32_t struct_size;
  uint32_t abi_version;
  ai3_catalog* catalog;
  ai3_plugin_register_conv2d register_conv2d; /* 0 if it went well; otherwise loading fails and says why */
  ai3_plugin_register_gemm register_gemm;
} ai3_plugin_host;

/* Exported by a plug-in: int32_t ai3_plugin_init(const ai3_plugin_host* host), which gives 0 if it went well. */

/* The version of the library's interface. */
int32_t ai3_abi_version(void);

/* The version of the library, such as "0.1.0". */
const char* ai3_version(void);

/* What the last failed call of this thread said: one line, UTF-8, valid until the thread's next failed call; "" if none failed. */
const char* ai3_last_error(void);

/* Opens an ONNX file; options may be NULL. External data is read from the file's folder. */
int ai3_model_load(const char* path, const ai3_load_options* options, ai3_model** model);

/* Reads an ONNX model from memory, which is copied; options may be NULL. */
int ai3_model_load_bytes(const void* bytes, size_t length, const ai3_load_options* options, ai3_model** model);

int ai3_model_get_info(const ai3_model* model, ai3_model_info* info);

/* Inputs and outputs as the model declares them. */
int ai3_model_input(const ai3_model* model, int32_t index, ai3_value_info* info);
int ai3_model_output(const ai3_model* model, int32_t index, ai3_value_info* info);
int ai3_model_free(ai3_model* model);

/* Compiles a model; options may be NULL. */
int ai3_compile(const ai3_model* model, const ai3_compile_options* options, ai3_session** session);

int ai3_session_get_info(const ai3_session* session, ai3_session_info* info);

/* Inputs and outputs as compiling has them: with the numbers given for symbolic dimensions, and with inferred shapes. */
int ai3_session_input(const ai3_session* session, int32_t index, ai3_value_info* info);
int ai3_session_output(const ai3_session* session, int32_t index, ai3_value_info* info);
int ai3_session_free(ai3_session* session);

/* Writes the algorithms and layouts of the plan made last to a JSON file, tied to the model's structure. */
int ai3_session_save_plan(const ai3_session* session, const char* path);

/* Runs once, into the caller's memory. Every input is given by name; of the outputs, those wanted. A tensor for an output must
 * have the type, shape and size that the run gives; string outputs and values that are no tensors need ai3_run_alloc. Inputs and
 * outputs must not overlap. options may be NULL. */
int ai3_run(const ai3_session* session, const ai3_run_options* options, const ai3_tensor* inputs, int32_t input_count,
            const ai3_tensor* outputs, int32_t output_count);

/* Runs once, into memory of the library: for shapes that only the run knows, for strings, sequences and maps. */
int ai3_run_alloc(const ai3_session* session, const ai3_run_options* options, const ai3_tensor* inputs, int32_t input_count,
                  ai3_result** result);

/* Outputs of ai3_run_alloc, in the session's order. ai3_result_tensor gives AI3_ERROR_KIND for an output that is no tensor. */
int ai3_result_count(const ai3_result* result, int32_t* count);
int ai3_result_tensor(const ai3_result* result, int32_t index, ai3_tensor* tensor);
int ai3_result_value(const ai3_result* result, int32_t index, const ai3_value** value);
int ai3_result_free(ai3_result* result);

/* Values of any kind. The count is that of a sequence's items, of a map's entries, or 0 or 1 for an optional; a tensor has none.
 * The key of a map's entry is either text or, where text is set to NULL, a number. */
int ai3_value_kind(const ai3_value* value, int32_t* kind);
int ai3_value_count(const ai3_value* value, int64_t* count);
int ai3_value_item(const ai3_value* value, int64_t index, const ai3_value** item);
int ai3_value_key(const ai3_value* value, int64_t index, int64_t* number, const char** text);
int ai3_value_tensor(const ai3_value* value, ai3_tensor* tensor);

/* Ends runs early: a request, from any thread, makes every run that was given the handle fail with AI3_ERROR_CANCELLED before its
 * next step; later runs with it too. */
int ai3_cancel_create(ai3_cancel** cancel);
int ai3_cancel_request(ai3_cancel* cancel);
int ai3_cancel_free(ai3_cancel* cancel);

/* The times of the steps of the last run that was given the handle. */
int ai3_profile_create(ai3_profile** profile);
int ai3_profile_count(const ai3_profile* profile, int32_t* count);
int ai3_profile_step(const ai3_profile* profile, int32_t index, ai3_step* step);
int ai3_profile_free(ai3_profile* profile);

/* Catalogues begin with what comes with the library; a session keeps what it was compiled with. A plug-in runs with all rights of
 * the process and stays loaded until it ends. */
int ai3_catalog_create(ai3_catalog** catalog);
int ai3_catalog_load(const ai3_catalog* catalog, const char* path);
int ai3_register_conv2d(const ai3_catalog* catalog, const ai3_conv2d_algorithm* algorithm);
int ai3_register_gemm(const ai3_catalog* catalog, const ai3_gemm_algorithm* algorithm);
int ai3_catalog_free(ai3_catalog* catalog);

#ifdef __cplusplus
}
#endif
#endif
