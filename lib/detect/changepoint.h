/*
 * Bayesian online change points: an oddity is -log10 of the chance that the
 * run that the stream is in is longer than 8 values.
 *
 * A run is normal data of unknown mean and variance; any value begins another
 * one with the chance 1/250.  Run lengths r up to 300 are followed, w[r] is
 * their chance, and a run that is longer is judged by its last 300 values.
 * Values are standardised by the first 50, or as many more as come until two of
 * them differ, and cut off at a million.
 *
 *	alpha = 1 + r/2, kappa = 0.1 + r, mu = 0 and beta = 1 at first
 *	beta' = beta + kappa (z - mu)^2 / (2 (kappa + 1))
 *	mu' = mu + (z - mu) / (kappa + 1)
 *	pdf = G(alpha + 1/2) / G(alpha) beta^alpha / beta'^(alpha + 1/2)
 *	      / sqrt(2 pi (kappa + 1) / kappa)
 *	w'[r + 1] = w[r] pdf (1 - H), w'[0] = sum of w[r] pdf H, normalised
 *
 * pdf is Student's t of 2 alpha degrees, written with beta'.  No run length is
 * ever ruled out (w >= 1e-100), so an oddity is at most 98.
 *
 * It expects nothing that could be told in one number.  A gap ends the run.
 *
 * Papers: R. Adams, D. MacKay, Bayesian online changepoint detection, 2007,
 * algorithm 1; K. Murphy, Conjugate Bayesian analysis of the Gaussian
 * distribution, 2007, section 3.
 *
 * Memory, a stream: 15 KiB.  Cost, a value: 3.5 us.
 */
#ifndef SK_DETECT_CHANGEPOINT_H
#define SK_DETECT_CHANGEPOINT_H

#include "detect/modelops.h"

extern const struct sk_model_ops sk_changepoint_ops;

#endif
