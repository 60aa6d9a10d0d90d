import { h } from "./base.js";
import { chip, tone } from "./parts.js";

/* A dialogue as a ladder: two lifelines, and an arrow for each turn, with its text upon it. */

/** The reply that belongs to each turn, by number from 0: a reply's own, or the one that follows. */
export function replyTo(turns, n) {
  return [n, n + 1].find((at) => turns[at]?.code) ?? -1;
}

/** A turn's first line in parts, [kind, text], and how many lines are folded away. */
export function parted({ verb, lines, code, enhanced = "" }) {
  const [first = ""] = lines;
  const isLetter = verb === "message" && !code;
  if (isLetter) return { isLetter, parts: [], folded: lines.length - (lines.at(-1) === ".") };
  const said = code ? first.slice(4) : first;
  const start = code ? (said.startsWith(enhanced) ? enhanced : "") : said.match(/^\S*/)[0];
  const [kind, other] = code ? ["soft", ""] : ["verb", "soft"];
  const parts = [
    [kind, start],
    [other, said.slice(start.length)],
  ];
  return { isLetter, parts, folded: lines.length - 1 };
}

/** The button that shows what is folded away, and what it shows. */
function fold({ isLetter, folded }, lines, name) {
  const rest = h("bdi", { class: "s-rest", dir: "ltr", tabindex: 0, hidden: true });
  const click = () => {
    rest.hidden = !rest.hidden;
    button.setAttribute("aria-expanded", !rest.hidden);
    rest.replaceChildren(h("code", {}, lines.slice(isLetter ? 0 : 1).join("\n")));
    if (!rest.hidden) keepInView(button.closest("ol"), button.closest("li"));
  };
  const attributes = { class: "s-more", tabindex: -1, "aria-expanded": "false", on: { click } };
  const button = h("button", attributes, name);
  return folded > 0 ? [button, rest] : [];
}

function codeOf({ code }, press, t) {
  if (!code || !press) return code && chip(code);
  const attributes = { tabindex: -1, "aria-label": t("player.highlight", { code }) };
  const click = () => press(code);
  return h("button", { class: "s-flat", ...attributes, on: { click } }, chip(code));
}

function rung(turn, number, t, { choose, press }) {
  const about = parted(turn);
  const key = about.isLetter ? "player.letter" : "player.more";
  const name = t(about.folded === 1 ? `${key}_one` : key, { count: about.folded });
  const aloud = (text) => h("span", { class: "s-aloud" }, text);
  const part = ([kind, text]) => text && h("span", { class: kind && `s-${kind}` }, text);
  const line = h("bdi", { dir: "ltr" }, h("code", {}, about.parts.map(part)));
  const click = () => choose(number);
  const said = h("button", { class: "s-said", tabindex: -1, on: { click } }, [
    aloud(`${t(`player.${turn.from}`)}: ${turn.code ?? ""} `),
    about.isLetter ? h("span", { class: "s-letter" }, aloud(name)) : line,
  ]);
  const [more, rest] = fold(about, turn.lines, name);
  const code = codeOf(turn, press, t);
  const [under, end] = [h("div", { class: "s-under" }), h("span", { class: "s-behind" })];
  const row = h("div", { class: "s-rung" }, code, said, more, end);
  const kind = turn.code ? `s-turn s-answers ${tone(turn.code)}` : "s-turn s-asks";
  return { turn, node: h("li", { class: kind }, row, rest, under), said, code, under, end };
}

/** Whether a turn is drawn as another one was. */
function isSame(a, b) {
  return a === b || (a.code === b.code && a.lines.join("\n") === b.lines.join("\n"));
}

function showRung({ node, said, code, turn }, n, { step, highlight }, turns) {
  const isNow = n + 1 === step;
  node.classList.toggle("s-now", isNow);
  node.classList.toggle("s-dim", highlight > 0 && turns[replyTo(turns, n)]?.code !== highlight);
  said.setAttribute("aria-current", isNow ? "step" : "false");
  if (code?.matches("button")) code.setAttribute("aria-pressed", turn.code === highlight);
}

/** Scroll a list, never the notebook, until one of its items is in view. */
export function keepInView(list, item) {
  if (!item) return;
  const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
  if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  if (top < list.scrollTop) list.scrollTop = top;
}

/** A ladder: its element, its `list`, its `items` ({ turn, node, said, code, under, end }), how to `show` it.

    `choose(number)` is for a press on a turn (from 1), `press(code)`, if given, for one on a chip.
    `tail` stands after all turns. One turn is a stop for Tab; arrow keys lead to the others, and
    call `move(number)`. `about(item, number)` may fill what is `under` a turn and at the `end`. */
export function ladder(t, { choose, press, move, tail = [], about = () => {} }) {
  const ends = ["client", "server"].map((who) => h("span", {}, t(`player.${who}`)));
  const list = h("ol", { class: "s-rungs", "aria-label": t("player.dialogue") });
  const node = h("div", {}, h("div", { class: "s-ends" }, ends), list);
  const all = { node, list, items: [] };
  const made = []; // what was folded out stays so when one goes back and on
  let [last, place] = [0, ""];
  const stopAt = (item) => {
    for (const button of list.querySelectorAll("button[tabindex]"))
      button.tabIndex = item?.node.contains(button) ? 0 : -1;
  };
  const holding = (target) => all.items.findIndex((item) => item.node.contains(target));
  list.addEventListener("focusin", ({ target }) => {
    if (holding(target) >= 0) stopAt(all.items[holding(target)]);
  });
  list.addEventListener("keydown", (event) => {
    const [at, by] = [holding(event.target), { ArrowUp: -1, ArrowDown: 1 }[event.key]];
    if (!by || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const isChip = event.target === all.items[at].code;
    let to = at + by;
    while (isChip && all.items[to] && !all.items[to].code) to += by; // from chip to chip
    const item = all.items[to];
    if (!item) return;
    move?.(to + 1);
    (isChip ? item.code : item.said).focus();
  });
  all.show = ({ turns, step, shown = turns.length, highlight = 0 }) => {
    all.items = turns.slice(0, shown).map((turn, n) => {
      const isKept = made[n] && isSame(made[n].turn, turn);
      made[n] = isKept ? { ...made[n], turn } : rung(turn, n + 1, t, { choose, press });
      return made[n];
    });
    const nodes = new Set([...all.items.map((item) => item.node), ...tail]);
    // What stays is not touched: it may have the focus.
    for (const one of [...list.children]) if (!nodes.has(one)) one.remove();
    let at = list.firstChild;
    for (const one of nodes) {
      if (one === at) at = at.nextSibling;
      else list.insertBefore(one, at);
    }
    all.items.forEach((item, n) => {
      showRung(item, n, { step, highlight }, turns);
      item.node.classList.toggle("s-new", n === last && shown === last + 1 && last > 0);
      about(item, n + 1);
    });
    last = shown;
    stopAt(all.items[step - 1]);
    const next = [shown, step, highlight, ...tail.map((one) => one.hidden)].join();
    if (next !== place) {
      const pressed = all.items.find(({ node }) => node.contains(document.activeElement));
      const item = highlight ? pressed : all.items[step - 1];
      const shownNow = tail.find((one) => !one.hidden) ?? item?.node;
      requestAnimationFrame(() => keepInView(list, shownNow)); // when all of the widget is there
    }
    place = next;
  };
  return all;
}
