/* Sessions side by side: which exchange stands beside which, and how replies differ.
   Nothing here draws. An exchange has a `verb`, the lines `sent`, and its reply if it got one:
   a `code` and the lines of the `reply`. */

const SAME = 3; // the weight of the same command; of the same verb with other words it is 1

/** Greetings, mail data and unasked replies have no command line to tell them apart. */
function command({ verb, sent }) {
  return verb === verb.toUpperCase() ? sent.join("\n") : verb;
}

function likeness(a, b) {
  if (command(a) === command(b)) return SAME;
  return a.verb === b.verb ? 1 : 0;
}

/** How much alike a row is with an exchange: with that of its cells which is most like it. */
function pairing(cells, exchange) {
  return Math.max(...cells.filter(Boolean).map((cell) => likeness(cell, exchange)));
}

/** The most alike pairing of rows with exchanges that keeps both in order, as pairs of numbers. */
function pairs(rows, exchanges) {
  // best[i][j] is what rows from i on and exchanges from j on can gain, and by which pairs.
  const start = Array(exchanges.length + 1).fill({ gain: 0, pairs: [] });
  const best = Array.from({ length: rows.length + 1 }, () => [...start]);
  for (let i = rows.length - 1; i >= 0; i--)
    for (let j = exchanges.length - 1; j >= 0; j--) {
      const gain = pairing(rows[i], exchanges[j]);
      const rest = best[i + 1][j + 1];
      const paired = gain && { gain: gain + rest.gain, pairs: [[i, j], ...rest.pairs] };
      const others = [best[i + 1][j], best[i][j + 1]];
      best[i][j] = [paired || rest, ...others].reduce((a, b) => (b.gain > a.gain ? b : a));
    }
  return best[0][0].pairs;
}

/** Put one more session, the n-th, beside rows. */
function beside(rows, exchanges, n) {
  const merged = [];
  const added = (exchange, cells = []) => Object.assign([...cells], { [n]: exchange });
  let [row, own] = [0, 0];
  for (const [i, j] of [...pairs(rows, exchanges), [rows.length, exchanges.length]]) {
    const lone = exchanges.slice(own, j).map((exchange) => added(exchange));
    merged.push(...rows.slice(row, i), ...lone);
    if (i < rows.length) merged.push(added(exchanges[j], rows[i]));
    [row, own] = [i + 1, j + 1];
  }
  return merged;
}

/** Rows of the dialogues, each with one cell per session; a gap is undefined. */
export function aligned(sessions) {
  const rows = sessions.reduce(beside, []);
  return rows.map((cells) => sessions.map((_, n) => cells[n]));
}

/** How a row's replies differ: in the "code", only in the "text", because the "command" is
    another one, or not at all (""). */
export function difference(cells) {
  const present = cells.filter(Boolean);
  const several = (of) => new Set(present.map(of)).size > 1;
  if (several(command)) return "command";
  if (several(({ code }) => code)) return "code";
  return several(({ reply = [] }) => reply.join("\n")) ? "text" : "";
}

/** The cells that have a row's most frequent code; none where several codes are as frequent. */
export function usual(cells) {
  const present = cells.filter(Boolean);
  const codes = [...new Set(present.map(({ code }) => code))];
  const groups = codes.map((code) => present.filter((cell) => cell.code === code));
  const [most = [], next = []] = groups.sort((a, b) => b.length - a.length);
  return most.length > next.length ? most : [];
}

/** How the n-th cell of a row stands out: by the row's difference, but where one code is the most
    frequent, only what departs from it does (an "outlier"). */
export function standing(cells, n) {
  const kind = difference(cells);
  if (kind !== "code" || usual(cells).length === 0) return kind;
  return usual(cells).includes(cells[n]) ? "" : "outlier";
}

/** Of the codes that each server gave (undefined: none), those that depart from the most frequent
    one at their place. */
export function departures(decided) {
  const place = (k) => decided.map((codes) => codes?.[k] && { code: codes[k] });
  const departs = (cells, n) => !usual(cells).includes(cells[n]);
  return decided.map((codes, n) => codes?.map((_, k) => departs(place(k), n)));
}

/** Neighbouring rows together where all sessions have the same command and code, unless it is a
    row that `decides`: [whether they are alike, their numbers]. */
export function grouped(rows, decides) {
  const groups = [];
  for (const [n, cells] of rows.entries()) {
    const isWhole = cells.length > 1 && cells.every(Boolean);
    const isAlike = isWhole && !decides(cells) && ["", "text"].includes(difference(cells));
    if (isAlike && groups.at(-1)?.[0]) groups.at(-1)[1].push(n);
    else groups.push([isAlike, [n]]);
  }
  return groups;
}

/** A word without what surrounds it: `<bob@new.example>;` is that address. */
export function bare(word) {
  return word.replace(/^[<("]+|[>)".,:;]+$/g, "").toLowerCase();
}

/** The words that all replies of a row have. */
export function common(cells) {
  const words = ({ reply = [] }) => reply.flatMap((line) => line.slice(4).split(/\s+/).map(bare));
  const [first = [], ...others] = cells.filter(Boolean).map(words);
  return new Set(first.filter((word) => others.every((other) => other.includes(word))));
}
