#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/mem.h"
#include "log/frame.h"
#include "log/source.h"

void
sk_source_add(struct sk_buf *buf, const struct sk_source *source)
{
	char value[SK_SOURCE_FIXED + SK_SOURCE_NAME_MAX];
	size_t len = source->name.len;

	if (len > SK_SOURCE_NAME_MAX)
		len = SK_SOURCE_NAME_MAX;
	sk_put64(value, source->id);
	sk_put64(value + 8, source->dev);
	sk_put64(value + 16, source->ino);
	sk_put32(value + 24, source->fp_len);
	sk_put32(value + 28, source->last_day);
	sk_put64(value + 32, source->fp_hash);
	sk_put64(value + 40, source->start_pos);
	sk_put64(value + 48, source->end_pos);
	if (len > 0)
		memcpy(value + SK_SOURCE_FIXED, source->name.ptr, len);
	sk_tlv_add(buf, SK_TLV_SOURCE, sk_view(value, SK_SOURCE_FIXED + len));
}

int
sk_source_decode(struct sk_view value, struct sk_source *source)
{
	if (value.len < SK_SOURCE_FIXED ||
	    value.len > SK_SOURCE_FIXED + SK_SOURCE_NAME_MAX)
		return SK_EDATA;
	source->id = sk_get64(value.ptr);
	source->dev = sk_get64(value.ptr + 8);
	source->ino = sk_get64(value.ptr + 16);
	source->fp_len = sk_get32(value.ptr + 24);
	source->last_day = sk_get32(value.ptr + 28);
	source->fp_hash = sk_get64(value.ptr + 32);
	source->start_pos = sk_get64(value.ptr + 40);
	source->end_pos = sk_get64(value.ptr + 48);
	source->name = sk_view(value.ptr + SK_SOURCE_FIXED,
	    value.len - SK_SOURCE_FIXED);
	return source->start_pos <= source->end_pos ? 0 : SK_EDATA;
}

static void
free_name(struct sk_source *source)
{
	free((void *)(uintptr_t)source->name.ptr);
}

void
sk_sources_free(struct sk_sources *sources)
{
	size_t i;

	for (i = 0; i < sources->n; i++)
		free_name(&sources->item[i]);
	free(sources->item);
	memset(sources, 0, sizeof(*sources));
}

/* The first place whose id is not below `id`. */
static size_t
place(const struct sk_sources *sources, uint64_t id)
{
	size_t low = 0, high = sources->n, mid;

	while (low < high) {
		mid = low + (high - low) / 2;
		if (sources->item[mid].id < id)
			low = mid + 1;
		else
			high = mid;
	}
	return low;
}

struct sk_source *
sk_sources_find(const struct sk_sources *sources, uint64_t id)
{
	size_t i = place(sources, id);

	return i < sources->n && sources->item[i].id == id ?
	    &sources->item[i] : NULL;
}

static void
grow(struct sk_sources *sources)
{
	if (sources->n < sources->cap)
		return;
	sources->cap = sources->cap > 0 ? 2 * sources->cap : 8;
	sources->item = sk_xrealloc(sources->item, sources->cap,
	    sizeof(*sources->item));
}

int
sk_sources_put(struct sk_sources *sources, const struct sk_source *source)
{
	size_t i = place(sources, source->id), len = source->name.len;
	struct sk_source copy = *source;

	if (len > SK_SOURCE_NAME_MAX)
		len = SK_SOURCE_NAME_MAX;
	if (i == sources->n || sources->item[i].id != source->id) {
		if (sources->n >= SK_SOURCES_MAX)
			return SK_ELIMIT;
		grow(sources);
		memmove(sources->item + i + 1, sources->item + i,
		    (sources->n - i) * sizeof(*sources->item));
		sources->n++;
		copy.name = sk_view(sk_xstrndup(len > 0 ? source->name.ptr :
		    "", len), len);
	} else if (sk_view_equal(sources->item[i].name,
	    sk_view(source->name.ptr, len))) {
		copy.name = sources->item[i].name;
	} else {
		copy.name = sk_view(sk_xstrndup(len > 0 ? source->name.ptr :
		    "", len), len);
		free_name(&sources->item[i]);
	}
	copy.start_pos = copy.end_pos;
	sources->item[i] = copy;
	return 0;
}

void
sk_sources_remove(struct sk_sources *sources, struct sk_source *source)
{
	size_t i = (size_t)(source - sources->item);

	free_name(source);
	sources->n--;
	memmove(source, source + 1, (sources->n - i) * sizeof(*source));
}

int
sk_sources_take(struct sk_sources *sources, struct sk_view tlvs)
{
	struct sk_source source;
	struct sk_tlv tlv;
	int got, err;

	while ((got = sk_tlv_next(&tlvs, &tlv)) == 1) {
		if (tlv.type != SK_TLV_SOURCE)
			continue;
		err = sk_source_decode(tlv.value, &source);
		if (err == 0)
			err = sk_sources_put(sources, &source);
		if (err != 0)
			return err;
	}
	return got;
}

void
sk_sources_drop(struct sk_sources *sources, uint32_t day)
{
	size_t i, kept = 0;

	for (i = 0; i < sources->n; i++)
		if (sources->item[i].last_day < day)
			free_name(&sources->item[i]);
		else
			sources->item[kept++] = sources->item[i];
	sources->n = kept;
}

void
sk_sources_add(const struct sk_sources *sources, struct sk_buf *buf)
{
	struct sk_source at_end;
	size_t i;

	for (i = 0; i < sources->n; i++) {
		at_end = sources->item[i];
		at_end.start_pos = at_end.end_pos;
		sk_source_add(buf, &at_end);
	}
}
