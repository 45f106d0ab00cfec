#include "sketch/words.h"

#define ALL UINT64_MAX
#define LOW(n) (ALL >> (64 - 8 * (n)))

const uint64_t sk_words_mask[SK_WORDS_BYTES + 1][2] = {
	{ 0, 0 }, { LOW(1), 0 }, { LOW(2), 0 }, { LOW(3), 0 }, { LOW(4), 0 },
	{ LOW(5), 0 }, { LOW(6), 0 }, { LOW(7), 0 }, { ALL, 0 },
	{ ALL, LOW(1) }, { ALL, LOW(2) }, { ALL, LOW(3) }, { ALL, LOW(4) },
	{ ALL, LOW(5) }, { ALL, LOW(6) }, { ALL, LOW(7) }, { ALL, ALL },
};
