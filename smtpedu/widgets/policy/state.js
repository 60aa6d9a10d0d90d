/* What a notebook holds of a policy explorer, made into all that is drawn. */

/** `data` has what is other in one's own lab than in a lab as it comes. */
export async function state(data, kit) {
  const shipped = await kit.load("decision");
  const usual = (name) => shipped.leaves.find((leaf) => leaf.name === name);
  const leaves = data.leaves?.map((leaf) => ({ ...usual(leaf.name), ...leaf })) ?? shipped.leaves;
  const texts = Object.create(null); // a notebook may name anything, such as `__proto__`
  for (const leaf of leaves)
    for (const [language, said] of Object.entries(leaf.texts)) {
      texts[language] ??= Object.create(null);
      texts[language][leaf.name] = said;
    }
  const start = { answers: {}, asking: "", tried: {}, revealed: false };
  return { ...start, tree: shipped.tree, leaves, texts };
}
