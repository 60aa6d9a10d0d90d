import { codeTable } from "../explorer/table.js";
import { frame, h, listen, literal, prose, set } from "../shared/base.js";
import { links, poster, reference } from "../shared/card.js";
import { chip, flow, fourfold, tone } from "../shared/parts.js";

const LABELS = { a: "compare.first", b: "compare.second" };
const SIDES = Object.keys(LABELS);
const MOVED = [250, 251, 550, 551]; // what RCPT may get for a mailbox that has moved
const FOLDS = ["compare.differences", "card.description", "card.when", "card.fix", "compare.use"];

/** The positions of the digits in which two codes differ. */
export function differing(a, b) {
  return [0, 1, 2].filter((n) => String(a)[n] !== String(b)[n]);
}

/** The hand-written comparison of two codes, in either order. */
export function pairOf(pairs, a, b) {
  return pairs[`${Math.min(a, b)}-${Math.max(a, b)}`];
}

/** Where the message lies, and what goes where, after a reply for a mailbox that has moved. */
export function ending(code, t) {
  const [client, server, address] = [t("scene.client"), t("scene.server"), t("scene.new_address")];
  const [forwards, tells] = [t("scene.forwards"), t("scene.tells")];
  const taken = [[client], [t("scene.letter")], [server, "has"]];
  const kept = [[client, "has"], ["", "cut"], [server]];
  return {
    250: [...taken, [forwards], [address]],
    251: [...taken, [`${forwards} + ${tells}`], [address]],
    550: kept,
    551: [...kept, [tells, "told"], [address, "ghost"]],
  }[code];
}

function picture({ code }, t) {
  const said = t(`four.${code}`);
  return h("div", {}, [
    h("p", { "aria-hidden": "true" }, chip(code), " ", said),
    flow(ending(code, t), `${code}: ${said}`, code),
  ]);
}

/** The rows in which two codes differ; what is the same in one line. */
function differences(a, b, t) {
  const rows = a.facts.map(([aspect, ofA], n) => [t(`aspect.${aspect}`), ofA, b.facts[n][1]]);
  const [differ, alike] = [true, false].map((is) =>
    rows.filter((row) => (row[1] !== row[2]) === is),
  );
  const row = ([name, ...facts]) => [
    h("th", { scope: "row", class: "s-caption" }, name),
    facts.map((fact) => h("td", {}, prose(fact))),
  ];
  const heads = [t("compare.differ"), chip(a.code), chip(b.code)];
  const columns = heads.map((head) => h("th", { scope: "col", class: "s-caption" }, head));
  const lines = [columns, ...differ.map(row)].map((cells) => h("tr", {}, cells));
  const same = alike.map(([name, fact], n) => [n ? " · " : " ", name, " ", prose(fact)]);
  const title = t(differ.length ? "compare.alike" : "compare.same");
  return [
    h("table", { class: "comparison-rows", hidden: !differ.length }, lines),
    h("p", { class: "s-caption", hidden: !alike.length }, title, same),
  ];
}

/** The table of codes, to choose the code of one side; the focus goes there and comes back. */
function picker(model, t, codes, openers) {
  let open = "";
  const title = h("h4");
  const toggle = (name) => {
    const closed = open;
    open = name === open ? "" : name;
    node.hidden = !open;
    for (const one of SIDES) openers[one].setAttribute("aria-expanded", one === open);
    if (!open) return openers[closed].focus();
    title.textContent = t(LABELS[open]);
    table.show(model.get(open));
    table.focus();
  };
  const table = codeTable(codes, t, (code) => {
    set(model, { [open]: code });
    toggle(open);
  });
  const node = h("div", { hidden: true }, title, table.node);
  return { node, toggle, close: () => open && toggle(open) };
}

/** The square of replies; a press compares with that one. */
function fourReplies(model, t, codes) {
  const cells = codes.filter(({ code }) => MOVED.includes(code));
  const isShown = (code) => SIDES.some((name) => model.get(name) === code);
  const buttons = cells.map(({ code, texts }) =>
    h("button", { on: { click: () => isShown(code) || set(model, { b: code }) } }, [
      h("span", {}, chip(code), h("br"), texts.title),
    ]),
  );
  const square = fourfold(t, (code) => buttons[MOVED.indexOf(code)]);
  const show = () => {
    for (const [n, code] of MOVED.entries()) {
      buttons[n].className = `${tone(code)} ${isShown(code) ? "s-on" : ""}`;
      buttons[n].setAttribute("aria-pressed", isShown(code));
    }
  };
  return { node: h("section", {}, h("h4", {}, t("four.title")), square), show };
}

/** What a fold says of two codes: one text for each, or the differences that people wrote down. */
function folded(key, a, b, pair) {
  if (key === FOLDS[0]) return (pair?.difference ?? []).map((said) => h("p", {}, prose(said)));
  return [a, b].map(({ code, text, texts }) => {
    const said = key === "compare.use" ? (pair?.use[code] ?? texts.use) : texts[key.slice(5)];
    const wording = key === "card.description" && h("p", { class: "s-soft" }, literal(text));
    return h("div", { lang: texts.language }, chip(code), wording, h("p", {}, prose(said)));
  });
}

/** What is seen at once of two codes; `four` is the square of replies. */
function glance(a, b, pair, four, t) {
  const isMoved = a !== b && [a, b].every(({ code }) => MOVED.includes(code));
  const pictures = isMoved && [picture(a, t), picture(b, t)];
  const trap = [h("strong", {}, `${t("compare.trap")}: `), prose(pair?.trap ?? "")];
  const beside = [isMoved && four, pair && h("p", { class: "s-note", lang: pair.language }, trap)];
  const rows = h("div", {}, differences(a, b, t));
  const moment = h("section", { hidden: !isMoved }, [
    h("h4", {}, t("compare.moment")),
    h("div", { class: "s-columns s-wide comparison-pictures" }, pictures),
  ]);
  if (!isMoved && !pair) return [moment, rows];
  return [moment, h("div", { class: "s-two" }, rows, h("div", { class: "s-stack" }, beside))];
}

function draw(model, root, t, { codes, pairs }) {
  const opener = (name) => {
    const on = { click: () => pick.toggle(name) };
    const side = h("span", { class: "s-aloud" }, ` ${t(LABELS[name])}`);
    const said = `${t("compare.change")} ▾`;
    return h("button", { class: "s-quiet", "aria-expanded": "false", on }, said, side);
  };
  const openers = { a: opener("a"), b: opener("b") };
  const pick = picker(model, t, codes, openers);
  const swap = () => set(model, { a: model.get("b"), b: model.get("a") });
  const swapper = h("button", { "aria-label": t("compare.swap"), on: { click: swap } }, "⇄");
  const posters = SIDES.map(() => h("div"));
  const heads = h("div", { class: "comparison-heads" }, posters[0], swapper, posters[1]);
  const four = fourReplies(model, t, codes);
  const seen = h("div", { class: "s-stack" });
  const folds = FOLDS.map((key, n) => {
    const body = h("div", { class: n ? "s-columns" : "s-columns s-wide" });
    return h("details", { class: "s-fold" }, h("summary", {}, t(key)), body);
  });
  const read = h("div");
  const foot = h("div", { class: "s-fold s-head" }, read, h("div", { class: "s-tools" }));
  const status = h("p", { class: "s-aloud", role: "status" });
  const all = [heads, pick.node, seen, h("div", {}, folds, foot, reference(t))];
  root.append(h("div", { class: "s-stack" }, all), status);
  root.onkeydown = ({ key }) => void (key === "Escape" && pick.close());

  const show = () => {
    const focused = root.contains(document.activeElement) && document.activeElement;
    const [a, b] = SIDES.map((name) => codes.find(({ code }) => code === model.get(name)));
    const pair = pairOf(pairs, a.code, b.code);
    for (const [n, one] of [a, b].entries())
      posters[n].replaceChildren(poster(one, differing(a.code, b.code), openers[SIDES[n]]));
    four.show();
    seen.replaceChildren(...glance(a, b, pair, four.node, t));
    for (const [n, key] of FOLDS.entries())
      folds[n].lastChild.replaceChildren(...folded(key, a, b, pair));
    folds[0].hidden = !pair;
    folds[0].lang = pair?.language ?? "";
    read.replaceChildren(links(pair?.read ?? [...new Set([...a.sources, ...b.sources])], t));
    status.textContent = t(a === b ? "compare.same" : "compare.title", { a: a.code, b: b.code });
    if (!focused) return;
    const isLost = !root.contains(focused) || focused.closest("[hidden]");
    (isLost ? openers.b : focused).focus();
  };
  show();
  folds[1].open = folds[0].hidden;
  return listen(model, SIDES, show);
}

export default {
  remembers: ["language", "a", "b"],
  async render(context) {
    const known = await context.kit.load("codes");
    return frame(context, "comparison", (root, t, language) =>
      draw(context.model, root, t, known[language]),
    );
  },
};
