#include <stdlib.h>

#include "base/mem.h"
#include "format/jsontrail.h"

#define STEPS_MAX 400
#define OTHERS_MAX 8 /* tried in vain before the line is walked over */

void
sk_jsontrail_begin(struct sk_jsontrail *trail)
{
	if (trail->step == NULL)
		trail->step = sk_xcalloc(STEPS_MAX, sizeof(*trail->step));
	trail->at = &trail->root;
}

bool
sk_jsontrail_note(struct sk_jsontrail *trail,
    const struct sk_jsontrail_fact *fact)
{
	struct sk_jsontrail_step *step;
	int n;

	for (n = 0; *trail->at != NULL; n++) {
		step = *trail->at;
		if (memcmp(&step->fact, fact, sizeof(*fact)) == 0) {
			trail->at = &step->next;
			return true;
		}
		trail->at = &step->other;
	}
	if (n == OTHERS_MAX || trail->n == STEPS_MAX)
		return false;
	step = &trail->step[trail->n++];
	memset(step, 0, sizeof(*step));
	memcpy(&step->fact, fact, sizeof(*fact));
	*trail->at = step;
	trail->at = &step->next;
	return true;
}

void
sk_jsontrail_set_key(struct sk_jsontrail_fact *fact, struct sk_view key)
{
	char bytes[16] = { 0 }, mask[16] = { 0 };
	size_t head = key.len < 16 ? key.len : 16;

	memcpy(bytes, key.ptr, head);
	memset(mask, 0xff, head);
	memcpy(fact->word, bytes, 16);
	memcpy(fact->mask, mask, 16);
	memcpy(fact->rest, key.ptr + head, key.len - head);
	fact->len = (uint8_t)key.len;
}

void
sk_jsontrail_reset(struct sk_jsontrail *trail)
{
	trail->root = NULL;
	trail->n = 0;
}

void
sk_jsontrail_free(struct sk_jsontrail *trail)
{
	free(trail->step);
	memset(trail, 0, sizeof(*trail));
}
