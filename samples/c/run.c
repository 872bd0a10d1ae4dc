/* Loads a model, fills its float inputs with a ramp, runs it once and prints the first values of its first output.
 *   gcc run.c -I INSTALL/include -L INSTALL/lib -lai3 -Wl,-rpath,INSTALL/lib -o run && ./run model.onnx */
#include <stdio.h>
#include <stdlib.h>

#include "ai3.h"

static int fail(const char* what) {
  fprintf(stderr, "%s: %s\n", what, ai3_last_error());
  return 1;
}

static size_t element_count(const ai3_value_info* info) {
  size_t count = 1;
  for (int32_t i = 0; i < info->rank; i++) count *= (size_t)info->dims[i];
  return count;
}

/* Makes a float tensor for a declared value; dimensions that are not numbers become 1. */
static ai3_tensor make_tensor(ai3_value_info* info) {
  for (int32_t i = 0; i < info->rank; i++)
    if (info->dims[i] < 0) info->dims[i] = 1;
  size_t bytes = element_count(info) * sizeof(float);
  ai3_tensor tensor = {sizeof tensor, info->name, info->dtype, info->rank, info->dims, malloc(bytes), bytes};
  return tensor;
}

int main(int argc, char** argv) {
  if (argc != 2) return fprintf(stderr, "usage: run MODEL\n"), 2;
  if (ai3_abi_version() != AI3_ABI_VERSION) return fprintf(stderr, "library and header differ\n"), 1;
  ai3_model* model;
  ai3_session* session;
  ai3_compile_options options = {sizeof options, 1, 0, NULL, "Conv=direct_nchwc,auto"};
  if (ai3_model_load(argv[1], NULL, &model)) return fail("load");
  if (ai3_compile(model, &options, &session)) return fail("compile");

  ai3_value_info in_info = {.struct_size = sizeof in_info}, out_info = {.struct_size = sizeof out_info};
  if (ai3_model_input(model, 0, &in_info) || ai3_model_output(model, 0, &out_info)) return fail("describe");
  ai3_tensor input = make_tensor(&in_info), output = make_tensor(&out_info);
  size_t n = element_count(&in_info);
  for (size_t i = 0; i < n; i++) ((float*)input.data)[i] = (float)i / (float)n;

  if (ai3_run(session, &input, 1, &output, 1)) return fail("run");
  printf("%s:", output.name);
  for (size_t i = 0; i < element_count(&out_info) && i < 10; i++) printf(" %g", ((float*)output.data)[i]);
  printf("\n");

  free(input.data);
  free(output.data);
  ai3_session_free(session);
  ai3_model_free(model);
  return 0;
}
