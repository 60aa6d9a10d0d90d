import { h, visible } from "./base.js";
import { chip, tone } from "./parts.js";

/* A dialogue as a ladder: two lifelines, and an arrow for each turn, with its text upon it. */

/** The reply that belongs to each turn, by number from 0: a reply's own, or the one that follows. */
export function replyTo(turns, n) {
  if (turns[n].code) return n;
  return turns[n + 1]?.code ? n + 1 : -1;
}

/** A turn's first line in parts, [kind, text], and how many lines are folded away. */
export function parted({ verb, lines, code, enhanced }) {
  const [first = "", ...rest] = lines;
  if (verb === "message" && !code) {
    const ends = lines.at(-1) === "." ? 1 : 0;
    return { parts: [], isLetter: true, folded: lines.length - ends };
  }
  if (!code) {
    const [, word, more] = first.match(/^(\S*)(.*)$/s);
    return {
      parts: [
        ["verb", word],
        ["soft", more],
      ],
      folded: rest.length,
    };
  }
  const said = first.slice(4);
  const length = enhanced && said.startsWith(enhanced) ? enhanced.length : 0;
  const parts = [
    ["soft", said.slice(0, length)],
    ["", said.slice(length)],
  ];
  return { parts, folded: rest.length };
}

function foldName({ isLetter, folded }, t) {
  if (isLetter) return t(folded === 1 ? "player.letter_one" : "player.letter", { count: folded });
  return t(folded === 1 ? "player.more_one" : "player.more", { count: folded });
}

/** The button that shows what is folded away, and what it shows. */
function fold(turn, about, t) {
  const rest = h("bdi", { class: "s-rest", dir: "ltr", hidden: true });
  const lines = about.isLetter ? turn.lines : turn.lines.slice(1);
  const click = () => {
    rest.hidden = !rest.hidden;
    button.setAttribute("aria-expanded", !rest.hidden);
    if (!rest.hasChildNodes()) rest.append(h("code", {}, visible(lines.join("\n"))));
  };
  const attributes = { class: "s-more", tabindex: -1, "aria-expanded": "false", on: { click } };
  const button = h("button", attributes, foldName(about, t));
  return about.folded > 0 ? { button, rest } : {};
}

function rung(turn, number, t, { choose, press }) {
  const about = parted(turn);
  const part = ([kind, text]) =>
    text && h("span", { class: kind ? `s-${kind}` : undefined }, visible(text));
  const { button, rest } = fold(turn, about, t);
  const said = h("button", { class: "s-said", tabindex: -1, on: { click: () => choose(number) } }, [
    h("span", { class: "s-aloud" }, `${t(`player.${turn.from}`)}: ${turn.code ?? ""} `),
    about.isLetter
      ? h("span", { class: "s-letter" }, h("span", { class: "s-aloud" }, foldName(about, t)))
      : h("bdi", { dir: "ltr" }, h("code", {}, about.parts.map(part))),
  ]);
  const name = turn.code && t("player.highlight", { code: turn.code });
  const pressed = { class: "s-flat", tabindex: -1, "aria-pressed": "false", "aria-label": name };
  const code =
    turn.code &&
    (press
      ? h("button", { ...pressed, on: { click: () => press(turn.code) } }, chip(turn.code))
      : chip(turn.code));
  const under = h("div", { class: "s-under" });
  const end = h("span", { class: "s-behind" });
  const row = h("div", { class: "s-rung" }, code ?? null, said, button ?? null, end);
  const kind = turn.code ? `s-turn s-answers ${tone(turn.code)}` : "s-turn s-asks";
  const node = h("li", { class: kind }, row, rest ?? null, under);
  return { turn, node, said, code: press && code, under, end };
}

function isSame(a, b) {
  return a === b || (a.code === b.code && a.lines.join("\n") === b.lines.join("\n"));
}

function showRung(item, n, { step, shown, highlight }, turns) {
  const isNow = n + 1 === step;
  const isOther = highlight > 0 && turns[replyTo(turns, n)]?.code !== highlight;
  item.node.hidden = n >= shown;
  item.node.classList.toggle("s-now", isNow);
  item.node.classList.toggle("s-dim", isOther);
  if (isNow) item.said.setAttribute("aria-current", "step");
  else item.said.removeAttribute("aria-current");
  item.code?.setAttribute("aria-pressed", highlight > 0 && item.turn.code === highlight);
}

/** Scroll a list, never the notebook, until one of its items is in view. */
export function keepInView(list, item) {
  if (!item) return;
  const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
  if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  if (top < list.scrollTop) list.scrollTop = top;
}

/** A ladder: its element, its `list`, its `items` ({ node, said, code, under }), how to `show` it.

    `choose(number)` is for a press on a turn (numbers are from 1), `press(code)` for one on a
    chip; without it chips cannot be pressed. `tail` are items that stand after all turns. Only one
    turn is a stop for Tab; the arrow keys up and down lead to the others, and call
    `move(number)`, if there is one. */
export function ladder(t, { choose, press, move, tail = [] }) {
  const ends = ["client", "server"].map((who) => h("span", {}, t(`player.${who}`)));
  const list = h("ol", { class: "s-rungs", "aria-label": t("player.dialogue") });
  const all = { node: h("div", { class: "s-ladder" }, h("div", { class: "s-ends" }, ends), list) };
  Object.assign(all, { list, items: [] });
  let last = 0;
  let stop = null;
  let seen = "";
  const stopAt = (item) => {
    for (const [one, tabindex] of [
      [stop, -1],
      [item, 0],
    ])
      for (const button of one?.node.querySelectorAll(".s-said, .s-flat, .s-more") ?? [])
        button.tabIndex = tabindex;
    stop = item;
  };
  list.addEventListener("focusin", ({ target }) => {
    const item = all.items.find(({ node }) => node.contains(target));
    if (item) stopAt(item);
  });
  list.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    const at = all.items.findIndex(({ node }) => node.contains(event.target));
    if (!by || at < 0) return;
    event.preventDefault();
    event.stopPropagation();
    const item = all.items[at + by];
    if (!item || item.node.hidden) return;
    const isChip = event.target === all.items[at].code;
    move?.(at + by + 1);
    ((isChip && item.code) || item.said).focus();
  });
  all.show = ({ turns, step, shown = turns.length, highlight = 0 }) => {
    const before = all.items;
    all.items = turns.map((turn, n) =>
      before[n] && isSame(before[n].turn, turn)
        ? Object.assign(before[n], { turn })
        : rung(turn, n + 1, t, { choose, press }),
    );
    const nodes = [...all.items.map(({ node }) => node), ...tail];
    if (nodes.length !== list.children.length || nodes.some((node, n) => node !== list.children[n]))
      list.replaceChildren(...nodes);
    all.items.forEach((item, n) => {
      showRung(item, n, { step, shown, highlight }, turns);
      item.node.classList.toggle("s-new", n === last && shown === last + 1 && last > 0);
    });
    last = shown;
    stopAt(all.items[step - 1] ?? null);
  };
  all.follow = () => {
    const item =
      tail.find((node) => !node.hidden) ??
      all.items.find(({ node }) => node.matches(".s-now"))?.node;
    const place = `${last} ${tail.map((node) => node.hidden)} ${all.items.indexOf(stop)}`;
    if (place !== seen) keepInView(list, item);
    seen = place;
  };
  return all;
}
