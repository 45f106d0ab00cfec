/* detect/changepoint against run lengths that are followed with full vectors
 * and the density of Student's t. */
#include "models.h"

enum { RUNS = 300, STREAM = 900 };

struct naive {
	double w[STREAM + 1];
	double mu[STREAM + 1], kappa[STREAM + 1], alpha[STREAM + 1];
	double beta[STREAM + 1];
	int n;
};

static void
begin(struct naive *naive)
{
	naive->n = 1;
	naive->w[0] = 1;
	naive->mu[0] = 0;
	naive->kappa[0] = 0.1;
	naive->alpha[0] = 1;
	naive->beta[0] = 1;
}

static double
student(const struct naive *naive, int r, double z)
{
	double nu = 2 * naive->alpha[r];
	double scale = sqrt(naive->beta[r] * (naive->kappa[r] + 1) /
	    (naive->alpha[r] * naive->kappa[r]));
	double t = (z - naive->mu[r]) / scale;

	return exp(lgamma((nu + 1) / 2) - lgamma(nu / 2) -
	    (nu + 1) / 2 * log1p(t * t / nu)) / (sqrt(nu * acos(-1)) * scale);
}

static void
lengthen(struct naive *naive, int r, double z)
{
	double kappa = naive->kappa[r], mu = naive->mu[r];

	naive->mu[r + 1] = (kappa * mu + z) / (kappa + 1);
	naive->kappa[r + 1] = kappa + 1;
	naive->alpha[r + 1] = naive->alpha[r] + 0.5;
	naive->beta[r + 1] = naive->beta[r] + kappa * (z - mu) * (z - mu) /
	    (2 * (kappa + 1));
}

static double
naive_step(struct naive *naive, double z)
{
	double p, all = 0, some = 0;
	int r;

	for (r = naive->n - 1; r >= 0; r--) {
		p = naive->w[r] * student(naive, r, z);
		all += p;
		lengthen(naive, r, z);
		naive->w[r + 1] = p * (1 - 1 / 250.0);
	}
	naive->w[0] = all / 250;
	naive->mu[0] = 0;
	naive->beta[0] = 1;
	naive->n++;
	if (naive->n > RUNS) {
		naive->w[RUNS - 1] += naive->w[RUNS];
		naive->n = RUNS;
	}
	for (r = 0; r < naive->n; r++)
		naive->w[r] /= all;
	for (r = 9; r < naive->n; r++)
		some += naive->w[r];
	return naive->n <= 9 ? 0 : fmax(-log10(some), 0);
}

static double
deviation(const double *value, int n, double *mean)
{
	double sum = 0;
	int i;

	*mean = 0;
	for (i = 0; i < n; i++)
		*mean += value[i] / n;
	for (i = 0; i < n; i++)
		sum += pow(value[i] - *mean, 2) / n;
	return sqrt(sum);
}

static void
follow(const double *value, int n, int gap)
{
	struct sk_model *model = models_new(SK_MODEL_CHANGEPOINT);
	static struct naive naive;
	double mean, sd = deviation(value, 50, &mean), want, odd;
	int i;

	begin(&naive);
	for (i = 0; i < n; i++) {
		if (i == gap) {
			sk_model_gap(model);
			begin(&naive);
		}
		want = naive_step(&naive, (value[i] - mean) / sd);
		odd = models_step(model, value[i]).oddity;
		if (i < 49)
			assert_true(odd == 0);
		else if (fabs(odd - want) > 1e-8 * (1 + want))
			fail_msg("value %d: %.12g is not %.12g", i, odd, want);
	}
	sk_model_free(model);
}

static void
fill(double *value, struct sk_rng *rng)
{
	int i;

	for (i = 0; i < STREAM; i++)
		value[i] = 1e4 + models_normal(rng) *
		    (i > 500 ? 30 : 3) + (i > 200 && i < 230 ? 25 : 0);
}

static void
follows_all_runs(void **state)
{
	static double value[STREAM];
	struct sk_rng rng = { 20 };
	int i;

	(void)state;
	for (i = 0; i < 5; i++) {
		fill(value, &rng);
		follow(value, STREAM, -1);
	}
}

static void
begins_anew_behind_a_gap(void **state)
{
	static double value[STREAM];
	struct sk_rng rng = { 21 };

	(void)state;
	fill(value, &rng);
	follow(value, STREAM, 300);
	follow(value, STREAM, 751);
}

static void
finds_a_change_of_level(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_CHANGEPOINT);
	struct sk_rng rng = { 22 };
	double most = 0;
	int i;

	(void)state;
	for (i = 0; i < 400; i++) {
		double odd = models_step(model, models_normal(&rng)).oddity;

		if (i > 100)
			most = fmax(most, odd);
	}
	for (i = 0; i < 5; i++)
		models_step(model, 8 + models_normal(&rng));
	assert_string_equal(models_words(model, 8),
	    "a change some 5 values ago");
	assert_true(models_step(model, 8).oddity > 5 * most);
	for (i = 0; i < 100; i++)
		models_step(model, 8 + models_normal(&rng));
	assert_true(models_step(model, 8).oddity < most);
	assert_memory_equal(models_words(model, 8), "perhaps", 7);
	assert_string_equal(models_words(model, 1000),
	    "a change with this value");
	sk_model_free(model);
}

/* 2000 values are the same, and the next ones are not: what is learnt then is
 * the last 50, and the first that differs among them. */
static void
waits_for_values_that_differ(void **state)
{
	struct sk_model *model = models_new(SK_MODEL_CHANGEPOINT);
	struct sk_rng rng = { 23 };
	int i;

	(void)state;
	for (i = 0; i < 2000; i++)
		assert_true(models_step(model, 6).oddity == 0);
	assert_true(models_step(model, 7).oddity > 1);
	for (i = 0; i < 100; i++)
		models_step(model, 6 + models_normal(&rng));
	assert_true(models_step(model, 6).oddity < 0.1);
	sk_model_free(model);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(follows_all_runs),
		cmocka_unit_test(begins_anew_behind_a_gap),
		cmocka_unit_test(finds_a_change_of_level),
		cmocka_unit_test(waits_for_values_that_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
