import { codeTable } from "../explorer/table.js";
import { frame, h, listen, literal, prose, set } from "../shared/base.js";
import { description, links, poster } from "../shared/card.js";
import { chip, flow, fourfold, tone } from "../shared/parts.js";

const LABELS = { a: "compare.first", b: "compare.second" };
const SIDES = Object.keys(LABELS);
const MOVED = [250, 251, 550, 551]; // what RCPT may get for a mailbox that has moved
const FOLDS = ["card.description", "card.when", "card.fix", "compare.use"];

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

function picture(code, t) {
  const said = t(`four.${code}`);
  return h("div", {}, [
    h("p", { "aria-hidden": "true" }, chip(code), " ", said),
    flow(ending(code, t), `${code}: ${said}`, code),
  ]);
}

/** The rows in which two codes differ; what is the same in one line. */
function differences(a, b, t) {
  const rows = a.facts.map(([aspect, ofA], n) => [t(`aspect.${aspect}`), ofA, b.facts[n][1]]);
  const differ = rows.filter(([, ofA, ofB]) => ofA !== ofB);
  const alike = rows.filter((row) => !differ.includes(row));
  const header = (scope, text) => h("th", { scope, class: "s-caption" }, text);
  const row = ([name, ...facts]) =>
    h(
      "tr",
      {},
      header("row", name),
      facts.map((fact) => h("td", {}, prose(fact))),
    );
  const heads = [h("strong", {}, t("compare.differences")), chip(a.code), chip(b.code)];
  const same = alike.map(([name, fact], n) => [n ? " · " : " ", name, " ", prose(fact)]);
  return [
    h("table", { class: "comparison-rows" }, [
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          heads.map((text) => header("col", text)),
        ),
      ),
      h("tbody", {}, differ.map(row)),
    ]),
    h("p", { class: "s-caption", hidden: !alike.length }, t("compare.alike"), same),
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
  const close = (event) => event.key === "Escape" && open && toggle(open);
  return { node, toggle, close };
}

/** The square of replies; a press compares with that one. */
function fourReplies(model, t, codes) {
  const press = (code) => {
    if (!SIDES.some((name) => model.get(name) === code)) set(model, { b: code });
  };
  const title = (code) => codes.find((one) => one.code === code).texts.title;
  const cell = (code) =>
    h("button", { "data-code": code, on: { click: () => press(code) } }, [
      h("span", {}, chip(code), h("br"), title(code)),
    ]);
  const square = fourfold(t, cell);
  const show = (shown) => {
    for (const button of square.querySelectorAll("button")) {
      const isShown = shown.includes(Number(button.dataset.code));
      button.className = `${tone(button.dataset.code)} ${isShown ? "s-on" : ""}`;
      button.setAttribute("aria-pressed", isShown);
    }
  };
  return { node: h("section", {}, h("h4", {}, t("four.title")), square), show };
}

/** All that is said of two codes; what is open, or has the focus, stays so. */
function twoCodes(model, t, codes) {
  const pictures = h("div", { class: "s-columns s-wide comparison-pictures" });
  const moved = h("section", {}, h("h4", {}, t("compare.moment")), pictures);
  const rows = h("div");
  const four = fourReplies(model, t, codes);
  const trap = h("p", { class: "s-note" });
  const aside = h("div", { class: "s-stack" }, four.node, trap);
  const middle = h("div", {}, rows, aside);
  const difference = h("ul", { class: "comparison-difference" });
  const folds = FOLDS.map((key) => {
    const body = h("div", { class: "s-columns" });
    return h("details", { class: "s-fold" }, h("summary", {}, t(key)), body);
  });
  const node = h("div", { class: "s-stack" }, moved, middle, difference, h("div", {}, folds));

  const text = ({ code, texts }, key, pair) =>
    key === "compare.use" ? (pair?.use[code] ?? texts.use) : texts[key.slice(5)];
  const side = (one, key, pair) => {
    const wording = key === FOLDS[0] && h("p", { class: "s-soft" }, literal(one.text));
    const said = h("p", {}, prose(text(one, key, pair)));
    return h("div", { lang: one.texts.language }, chip(one.code), wording, said);
  };
  const show = (a, b, pair) => {
    const isMoved = MOVED.includes(a.code) && MOVED.includes(b.code);
    moved.hidden = four.node.hidden = !isMoved;
    if (isMoved) pictures.replaceChildren(picture(a.code, t), picture(b.code, t));
    four.show([a.code, b.code]);
    rows.replaceChildren(...differences(a, b, t));
    aside.hidden = !pair && !isMoved;
    middle.className = aside.hidden ? "" : "s-two";
    trap.hidden = difference.hidden = !pair;
    const mistake = h("strong", {}, `${t("compare.trap")}: `);
    trap.replaceChildren(h("span", { lang: pair?.language }, mistake, prose(pair?.trap ?? "")));
    difference.lang = pair?.language ?? "";
    difference.replaceChildren(...(pair?.difference ?? []).map((said) => h("li", {}, prose(said))));
    for (const [n, key] of FOLDS.entries())
      folds[n].lastChild.replaceChildren(side(a, key, pair), side(b, key, pair));
  };
  return { node, show, folds };
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
  const two = twoCodes(model, t, codes);
  const same = h("div", { class: "s-stack" });
  const read = h("div");
  const foot = h("div", { class: "s-fold s-head" }, read, h("div", { class: "s-tools" }));
  const status = h("p", { class: "s-aloud", role: "status" });
  const all = h("div", { class: "s-stack" }, heads, pick.node, two.node, same, foot);
  all.addEventListener("keydown", pick.close);
  root.append(all, status);

  const show = () => {
    const focused = root.contains(document.activeElement) && document.activeElement;
    const [a, b] = SIDES.map((name) => codes.find(({ code }) => code === model.get(name)));
    const pair = pairOf(pairs, a.code, b.code);
    const marked = differing(a.code, b.code);
    for (const [n, one] of [a, b].entries())
      posters[n].replaceChildren(poster(one, marked, openers[SIDES[n]]));
    two.node.hidden = a === b;
    same.hidden = a !== b;
    if (a === b) same.replaceChildren(h("p", {}, t("compare.same")), description(a, t));
    else two.show(a, b, pair);
    read.replaceChildren(links(pair?.read ?? [...new Set([...a.sources, ...b.sources])], t));
    status.textContent = t(a === b ? "compare.same" : "compare.title", { a: a.code, b: b.code });
    if (!focused) return;
    const isLost = !root.contains(focused) || focused.closest("[hidden]");
    (isLost ? openers.b : focused).focus();
  };
  show();
  two.folds[0].open = !pairOf(pairs, model.get("a"), model.get("b"));
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
