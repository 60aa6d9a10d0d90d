/* Which misconceptions show in the answers, by the rule of `learner/mastery.py`; a test holds the
   two together. Nothing here draws. */

const SIGNS = 2; // in different questions, before a misconception is held
const SHARE = 2 / 3; // of its chances that must have shown it
const CHANCES = 6; // that count, the last ones
const GIVEN_UP = 2; // right answers, one after the other

/** Those that show, as { name, status, signs, chances }, first what is held. A chance to show one is
    a first answer, unless it was guessed, to a question that can. */
export function beliefs(items, standings) {
  const chances = new Map();
  items.forEach((item, n) => {
    const { chance } = standings[n];
    for (const name of chance ? able(item, chance) : []) {
      const known = [...(chances.get(name) ?? []), { ...chance, item: item.id }].slice(-CHANCES);
      const last = known.slice(-GIVEN_UP);
      const isGivenUp = last.length === GIVEN_UP && last.every(({ right }) => right);
      chances.set(name, isGivenUp ? last : known);
    }
  });
  const rows = [...chances].map(([name, known]) => belief(name, known));
  const weight = ({ status, signs }) => (status === "held" ? 1000 : 0) + signs;
  const byName = (one, other) => (one.name < other.name ? -1 : 1);
  const shown = rows.filter(({ signs }) => signs > 0);
  return shown.sort((one, other) => weight(other) - weight(one) || byName(one, other));
}

function able({ options, shows }, chance) {
  const names = shows ?? options.map(({ misconception }) => misconception);
  return new Set([...names, ...chance.misconceptions].filter(Boolean));
}

function belief(name, known) {
  const signs = known.filter(({ misconceptions }) => misconceptions.includes(name));
  const isKnown = new Set(signs.map(({ item }) => item)).size >= SIGNS;
  const isHeld = isKnown && signs.length >= SHARE * known.length;
  const status = isHeld ? "held" : "suspected";
  return { name, status, signs: signs.length, chances: known.length };
}
