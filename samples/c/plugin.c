/* A convolution and a matrix product of one's own as a plug-in. The convolution sums taps row by row, output planes over the workers;
 * the product keeps its right side transposed, so that both operands are read in order.
 *   gcc -O2 -shared -fPIC plugin.c -I INSTALL/include -o libmine.so
 *   ai3 check-algorithm mine_rows --plugin ./libmine.so
 *   ai3 run model.onnx --random --plugin ./libmine.so --algo Conv=mine_rows,auto */
#include "ai3.h"

typedef struct {
  const ai3_conv2d_problem* p;
  const ai3_conv2d_args* args;
} job;

static const char* supports(const ai3_conv2d_problem* p) {
  return p->dtype == AI3_FLOAT32 ? 0 : "element type is not float32";
}

/* Nanoseconds at some 2 GFLOP/s. */
static double cost(const ai3_conv2d_problem* p) {
  return (double)p->batch * (double)(p->out_channels * p->out_height * p->out_width) *
         (double)(p->in_channels / p->group * p->kernel_height * p->kernel_width);
}

/* y[j] += w * x[j * stride + offset] where that is inside the row. */
static void add_tap(const ai3_conv2d_problem* p, const float* x, float w, int64_t offset, float* y) {
  for (int64_t j = 0; j < p->out_width; j++) {
    int64_t at = j * p->stride_width + offset;
    if (at >= 0 && at < p->in_width) y[j] += w * x[at];
  }
}

/* Output planes [begin, end): one for each image and output channel. */
static void planes(void* context, int64_t begin, int64_t end, int32_t worker) {
  const ai3_conv2d_problem* p = ((job*)context)->p;
  const ai3_conv2d_args* args = ((job*)context)->args;
  const int64_t channels = p->in_channels / p->group, filters = p->out_channels / p->group;
  (void)worker;
  for (int64_t plane = begin; plane < end; plane++) {
    int64_t n = plane / p->out_channels, m = plane % p->out_channels;
    const float* x = (const float*)args->x + (n * p->in_channels + m / filters * channels) * p->in_height * p->in_width;
    const float* w = (const float*)args->w + m * channels * p->kernel_height * p->kernel_width;
    float* y = (float*)args->y + plane * p->out_height * p->out_width;
    for (int64_t i = 0; i < p->out_height; i++, y += p->out_width) {
      for (int64_t j = 0; j < p->out_width; j++) y[j] = args->bias ? ((const float*)args->bias)[m] : 0.0f;
      for (int64_t c = 0; c < channels; c++)
        for (int64_t a = 0; a < p->kernel_height; a++) {
          int64_t row = i * p->stride_height + a * p->dilation_height - p->pad_top;
          if (row < 0 || row >= p->in_height) continue;
          for (int64_t b = 0; b < p->kernel_width; b++)
            add_tap(p, x + (c * p->in_height + row) * p->in_width, w[(c * p->kernel_height + a) * p->kernel_width + b],
                    b * p->dilation_width - p->pad_left, y);
        }
#ifdef BROKEN
      if (p->out_width > 4) y[p->out_width - 1] *= 1.5f; /* a wrong tail, for trying the checks */
#endif
#ifdef WILD
      y[1 << 20] = 0; /* memory that is not ours */
#endif
    }
  }
}

static void run(const ai3_conv2d_problem* p, const ai3_conv2d_args* args) {
  job work = {p, args};
  args->parallel_for(args->workers, p->batch * p->out_channels, planes, &work);
}

static const char* gemm_supports(const ai3_gemm_problem* p) {
  if (p->dtype != AI3_FLOAT32) return "element type is not float32";
  return p->constant_b && p->stride_b == 0 ? 0 : "the right side is no single constant matrix";
}

static int64_t gemm_packed_bytes(const ai3_gemm_problem* p) { return p->n * p->k * (int64_t)sizeof(float); }

/* The right side as [n, k]. */
static void gemm_pack(const ai3_gemm_problem* p, const void* b, void* packed) {
  for (int64_t j = 0; j < p->n; j++)
    for (int64_t l = 0; l < p->k; l++)
      ((float*)packed)[j * p->k + l] = ((const float*)b)[p->trans_b ? j * p->k + l : l * p->n + j];
}

static void gemm_run(const ai3_gemm_problem* p, const ai3_gemm_args* args) {
  float* y = args->y;
  for (int64_t s = 0; s < p->batch; s++)
    for (int64_t i = 0; i < p->m; i++)
      for (int64_t j = 0; j < p->n; j++) {
        const float *a = (const float*)args->a + s * p->stride_a, *b = (const float*)args->packed + j * p->k;
        float sum = 0;
        for (int64_t l = 0; l < p->k; l++) sum += a[p->trans_a ? l * p->m + i : i * p->k + l] * b[l];
        float c = args->c ? ((const float*)args->c)[i * p->stride_c_row + j * p->stride_c_column] : 0;
        *y++ = args->c ? (float)p->alpha * sum + (float)p->beta * c : (float)p->alpha * sum;
      }
}

int32_t ai3_plugin_init(const ai3_plugin_host* host) {
  ai3_conv2d_algorithm mine = {AI3_HEADER(ai3_conv2d_algorithm), .name = "mine_rows", .source = "samples/c/plugin.c",
                               .needs = "2-D float32", .supports = supports, .cost = cost, .run = run};
  ai3_gemm_algorithm gemm = {AI3_HEADER(ai3_gemm_algorithm), .name = "mine_dot", .source = "samples/c/plugin.c",
                             .needs = "float32, a constant right side", .supports = gemm_supports,
                             .packed_bytes = gemm_packed_bytes, .pack = gemm_pack, .run = gemm_run};
  return host->register_conv2d(host->catalog, &mine) || host->register_gemm(host->catalog, &gemm);
}
