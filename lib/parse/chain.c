#include <stdlib.h>

#include "base/mem.h"
#include "parse/chain.h"

int
sk_chain_open(struct sk_chain *chain, const char *format,
    const struct sk_opt_list *others, const struct sk_parse_conf *conf,
    struct sk_diag *diag)
{
	size_t i;
	int err = 0;

	chain->n = 1 + others->n;
	chain->parser = sk_xcalloc(chain->n, sizeof(*chain->parser));
	chain->taken = sk_xcalloc(chain->n, sizeof(*chain->taken));
	for (i = 0; i < chain->n && err == 0; i++) {
		struct sk_parser *parser = &chain->parser[i];
		const char *text = i == 0 ? format : others->item[i - 1];

		err = sk_parser_open(parser, sk_view_str(text), conf, diag);
		if (err == 0 && parser->cut.cut != NULL && chain->n > 1)
			err = sk_diag_set(diag, SK_EUSAGE, "%s finds its "
			    "records itself, so it does not go with others",
			    text);
	}
	if (err != 0)
		sk_chain_close(chain);
	return err;
}

void
sk_chain_close(struct sk_chain *chain)
{
	size_t i;

	for (i = 0; i < chain->n; i++)
		sk_parser_close(&chain->parser[i]);
	free(chain->parser);
	free(chain->taken);
	memset(chain, 0, sizeof(*chain));
}

const struct sk_cut *
sk_chain_cut(const struct sk_chain *chain)
{
	const struct sk_cut *cut = &chain->parser[0].cut;

	return cut->cut != NULL ? cut : NULL;
}

void
sk_chain_input(struct sk_chain *chain)
{
	size_t i;

	for (i = 0; i < chain->n; i++)
		sk_parser_input(&chain->parser[i]);
}

const char *
sk_chain_parse(struct sk_chain *chain, struct sk_view line,
    struct sk_parsed *out, size_t *by)
{
	const char *why = NULL;
	size_t i;

	for (i = 0; i < chain->n; i++) {
		why = sk_parser_parse(&chain->parser[i], line, out);
		if (why == NULL) {
			chain->taken[i] += !out->none;
			*by = i;
			return NULL;
		}
	}
	return chain->n == 1 ? why : "none of the formats fits";
}
