/* Loads a model, fills its float inputs with a ramp and runs it: into its own memory, into the library's, with another
 * algorithm for convolutions, with a profile, and cancelled.
 *   gcc run.c -I INSTALL/include -L INSTALL/lib -lai3 -Wl,-rpath,INSTALL/lib -o run && ./run model.onnx [Conv=gemm,auto] */
#include <stdio.h>
#include <stdlib.h>

#include "ai3.h"

/* Ends the program with the library's message unless a call went well. */
static void check(int status, const char* what) {
  if (status == AI3_OK) return;
  fprintf(stderr, "%s: %s (%d)\n", what, ai3_last_error(), status);
  exit(1);
}

static size_t element_count(const ai3_tensor* tensor) {
  size_t count = 1;
  for (int32_t i = 0; i < tensor->rank; i++) count *= (size_t)tensor->dims[i];
  return count;
}

/* A float tensor for what a session says of a value; dimensions that are not numbers become 1. */
static ai3_tensor make_tensor(const ai3_value_info* info) {
  if (info->kind != AI3_KIND_TENSOR || info->dtype != AI3_FLOAT32 || info->rank < 0) {
    fprintf(stderr, "'%s' is %s: this sample runs models of float tensors\n", info->name, info->text);
    exit(1);
  }
  int64_t* dims = malloc(sizeof(int64_t) * (size_t)(info->rank + 1));
  for (int32_t i = 0; i < info->rank; i++) dims[i] = info->dims[i] < 0 ? 1 : info->dims[i];
  ai3_tensor tensor = {AI3_HEADER(ai3_tensor), info->name, info->dtype, info->rank, dims, NULL, 0};
  size_t count = element_count(&tensor);
  tensor.byte_length = count * sizeof(float);
  tensor.data = malloc(tensor.byte_length);
  for (size_t i = 0; i < count; i++) ((float*)tensor.data)[i] = (float)i / (float)count;
  return tensor;
}

static void free_tensor(ai3_tensor* tensor) {
  free((void*)tensor->dims);
  free(tensor->data);
}

static void print_tensor(const ai3_tensor* tensor) {
  printf("%s:", tensor->name);
  for (size_t i = 0; i < element_count(tensor) && i < 10; i++) printf(" %g", ((const float*)tensor->data)[i]);
  printf("\n");
}

static void print_profile(const ai3_profile* profile) {
  int32_t steps;
  check(ai3_profile_count(profile, &steps), "profile");
  for (int32_t i = 0; i < steps; i++) {
    ai3_step step = {AI3_HEADER(ai3_step)};
    check(ai3_profile_step(profile, i, &step), "step");
    printf("  %-24s %-16s %-20s %8.1f us\n", step.name, step.op, step.algorithm, step.duration / 1000);
  }
}

int main(int argc, char** argv) {
  if (argc < 2) return fprintf(stderr, "usage: run MODEL [ALGORITHMS]\n"), 2;
  if (ai3_abi_version() != AI3_ABI_VERSION) return fprintf(stderr, "library and header differ\n"), 1;
  ai3_model* model;
  check(ai3_model_load(argv[1], NULL, &model), "load");
  ai3_model_info about = {AI3_HEADER(ai3_model_info)};
  check(ai3_model_get_info(model, &about), "describe");
  printf("ai3 %s, graph '%s' by '%s'\n", ai3_version(), about.graph_name, about.producer);

  const char* algorithms[] = {argc > 2 ? argv[2] : "Conv=direct_nchwc,auto"};
  ai3_compile_options options = {AI3_HEADER(ai3_compile_options), .threads = 1, .algorithms = algorithms, .algorithm_count = 1};
  ai3_session* session;
  check(ai3_compile(model, &options, &session), "compile");
  check(ai3_model_free(model), "free"); /* the session keeps it alive */

  ai3_value_info info = {AI3_HEADER(ai3_value_info)};
  ai3_tensor* inputs = malloc(sizeof(ai3_tensor) * (size_t)about.input_count);
  for (int32_t i = 0; i < about.input_count; i++) {
    check(ai3_session_input(session, i, &info), "input");
    printf("input  %s: %s\n", info.name, info.text);
    inputs[i] = make_tensor(&info);
  }
  check(ai3_session_output(session, 0, &info), "output");
  ai3_tensor output = make_tensor(&info);

  /* Into memory of the caller, with the times of the steps. */
  ai3_profile* profile;
  check(ai3_profile_create(&profile), "profile");
  ai3_run_options run = {AI3_HEADER(ai3_run_options), NULL, profile};
  check(ai3_run(session, &run, inputs, about.input_count, &output, 1), "run");
  print_tensor(&output);
  print_profile(profile);

  /* Into memory of the library: the same values. */
  ai3_result* result;
  ai3_tensor owned = {AI3_HEADER(ai3_tensor)};
  check(ai3_run_alloc(session, NULL, inputs, about.input_count, &result), "run");
  check(ai3_result_tensor(result, 0, &owned), "result");
  for (size_t i = 0; i < element_count(&output); i++)
    if (((float*)owned.data)[i] != ((float*)output.data)[i]) return fprintf(stderr, "two runs differ at %zu\n", i), 1;
  check(ai3_result_free(result), "free");

  /* Cancelled before it begins. */
  ai3_cancel* cancel;
  check(ai3_cancel_create(&cancel), "cancel");
  check(ai3_cancel_request(cancel), "cancel");
  ai3_run_options cancelled = {AI3_HEADER(ai3_run_options), cancel, NULL};
  if (ai3_run(session, &cancelled, inputs, about.input_count, &output, 1) != AI3_ERROR_CANCELLED) return fprintf(stderr, "a cancelled run went on\n"), 1;

  /* Freed once; a second time is an error, not a crash. */
  for (int32_t i = 0; i < about.input_count; i++) free_tensor(&inputs[i]);
  free(inputs);
  free_tensor(&output);
  check(ai3_cancel_free(cancel), "free");
  check(ai3_profile_free(profile), "free");
  check(ai3_session_free(session), "free");
  if (ai3_session_free(session) != AI3_ERROR_HANDLE) return fprintf(stderr, "a second free went well\n"), 1;
  printf("second free: %s\n", ai3_last_error());
  return 0;
}
