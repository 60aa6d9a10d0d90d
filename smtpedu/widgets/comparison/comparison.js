import { frame, h, listen, prose, set } from "../shared/base.js";
import { description, links, poster } from "../shared/card.js";
import { chip, flow, fourfold, tone } from "../shared/parts.js";
import { codeTable } from "../explorer/table.js";

const LABELS = { a: "compare.first", b: "compare.second" };
const SIDES = Object.keys(LABELS);
const MOVED = [250, 251, 550, 551]; // what RCPT may get for a mailbox that has moved
const FOLDS = ["description", "when", "fix", "use"];

/** The positions of the digits in which two codes differ. */
export function differing(a, b) {
  return [0, 1, 2].filter((n) => String(a)[n] !== String(b)[n]);
}

/** The hand-written comparison of two codes, in either order. */
export function pairOf(pairs, a, b) {
  return pairs[`${Math.min(a, b)}-${Math.max(a, b)}`];
}

/* ---- the parts, each filled anew for two codes ---- */

/** Where the message lies after a reply for a mailbox that has moved. */
function ending(code, t) {
  const isTold = code % 10 === 1;
  const [client, server, address] = ["client", "server", "new_address"].map((name) =>
    t(`scene.${name}`),
  );
  const tells = t("scene.tells");
  const forwards = t("scene.forwards");
  const taken = [[client], [t("scene.letter")], [server, "has"]];
  const kept = [[client, "has"], ["", "cut"], [server]];
  const parts =
    code < 300
      ? [...taken, [isTold ? `${forwards} + ${tells}` : forwards], [address]]
      : [
          ...kept,
          ...(isTold
            ? [
                [tells, "told"],
                [address, "ghost"],
              ]
            : []),
        ];
  const said = t(`four.${code}`);
  const pieces = parts.map(([text, kind = ""]) => [text, kind]);
  return h("div", {}, [
    h("p", { class: "comparison-ending", "aria-hidden": "true" }, chip(code), said),
    flow(pieces, `${code}: ${said}`, code),
  ]);
}

function differences(a, b, t) {
  const aspects = a.facts.map(([aspect, ofA], n) => [t(`aspect.${aspect}`), ofA, b.facts[n][1]]);
  const [differ, alike] = [true, false].map((wanted) =>
    aspects.filter(([, ofA, ofB]) => (ofA !== ofB) === wanted),
  );
  // Roles, because what is drawn as a grid is no table to every browser.
  const row = (role, ...cells) => h("tr", { role: "row" }, h("th", { role }, cells[0]), cells[1]);
  const cells = (role, ...texts) => texts.map((text) => h("td", { role }, text));
  const same = alike.map(([name, fact], n) => [n ? " · " : " ", name, " ", prose(fact)]);
  return [
    h("table", { class: "comparison-rows", role: "table" }, [
      row(
        "columnheader",
        t("compare.differences"),
        cells("columnheader", chip(a.code), chip(b.code)),
      ),
      differ.map(([name, ofA, ofB]) =>
        row("rowheader", name, cells("cell", prose(ofA), prose(ofB))),
      ),
    ]),
    alike.length > 0 && h("p", { class: "s-caption" }, t("compare.alike"), same),
  ];
}

function side(code, text, language) {
  return h("div", { lang: language }, h("p", {}, chip(code)), h("p", {}, prose(text)));
}

/* ---- all of it ---- */

/** The table of codes, to choose the code of one side; the focus goes there and comes back. */
function picker(model, t, codes, openers) {
  let open = "";
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
    const to = open;
    toggle(open);
    set(model, { [to]: code });
  });
  const title = h("h4");
  const node = h("div", { class: "comparison-picker", hidden: true }, title, table.node);
  const escape = (event) => event.key === "Escape" && open && toggle(open);
  return { node, toggle, escape };
}

function fourReplies(model, t, codes) {
  const press = (code) => {
    if (!SIDES.some((name) => model.get(name) === code)) set(model, { b: code });
  };
  const buttons = new Map();
  const node = fourfold(t, (code) => {
    const { title } = codes.find((one) => one.code === code).texts;
    const button = h("button", { class: tone(code), on: { click: () => press(code) } }, [
      chip(code),
      h("span", { class: "comparison-title" }, title),
    ]);
    buttons.set(code, button);
    return button;
  });
  const show = (shown) => {
    for (const [code, button] of buttons) {
      button.classList.toggle("s-on", shown.includes(code));
      button.setAttribute("aria-pressed", shown.includes(code));
    }
  };
  return { node: h("section", {}, h("h4", {}, t("four.title")), node), show };
}

function fold(title) {
  const body = h("div", { class: "comparison-sides" });
  return {
    body,
    node: h("details", { class: "s-fold" }, h("summary", {}, title), body),
  };
}

function draw(model, root, t, { codes, pairs }) {
  const opener = (name) =>
    h(
      "button",
      { class: "s-quiet", "aria-expanded": "false", on: { click: () => pick.toggle(name) } },
      [
        t("compare.change"),
        h("span", { class: "s-aloud" }, `: ${t(LABELS[name])}`),
        h("span", { "aria-hidden": "true" }, " ▾"),
      ],
    );
  const openers = { a: opener("a"), b: opener("b") };
  const pick = picker(model, t, codes, openers);
  const swap = () => set(model, { a: model.get("b"), b: model.get("a") });
  const swapper = h("button", { "aria-label": t("compare.swap"), on: { click: swap } }, "⇄");
  const [postA, postB] = [h("div"), h("div")];
  const heads = h("div", { class: "comparison-heads" }, postA, swapper, postB);
  const pictures = h("div", { class: "comparison-pictures" });
  const moved = h("section", {}, h("h4", {}, t("compare.moment")), pictures);
  const rows = h("div");
  const four = fourReplies(model, t, codes);
  const trap = h("p", { class: "s-note" });
  const aside = h("div", { class: "comparison-aside" }, four.node, trap);
  const difference = h("ul", { class: "comparison-difference" });
  const folds = FOLDS.map((name) => fold(t(name === "use" ? "compare.use" : `card.${name}`)));
  folds[0].node.open = !pairOf(pairs, model.get("a"), model.get("b"));
  const two = h("div", {}, [
    moved,
    h("div", { class: "s-two comparison-two" }, rows, aside),
    difference,
    folds.map(({ node }) => node),
  ]);
  const same = h("div", { class: "comparison-same" });
  const read = h("div");
  const status = h("p", { class: "s-aloud", role: "status" });
  root.append(heads, pick.node, two, same);
  root.append(h("div", { class: "s-fold comparison-foot" }, read, h("div", { class: "s-tools" })));
  root.append(status);
  root.addEventListener("keydown", pick.escape);

  const showTwo = (a, b, pair) => {
    const isMoved = MOVED.includes(a.code) && MOVED.includes(b.code);
    moved.hidden = four.node.hidden = !isMoved;
    if (isMoved) pictures.replaceChildren(ending(a.code, t), ending(b.code, t));
    four.show([a.code, b.code]);
    rows.replaceChildren(...differences(a, b, t).filter(Boolean));
    trap.hidden = difference.hidden = !pair;
    aside.hidden = !pair && !isMoved;
    const mistake = [h("strong", {}, `${t("compare.trap")}:`), " ", prose(pair?.trap ?? "")];
    trap.replaceChildren(h("span", { lang: pair?.language }, mistake));
    const said = pair?.difference.map((text) => h("li", { lang: pair.language }, prose(text)));
    difference.replaceChildren(...(said ?? []));
    for (const [n, name] of FOLDS.entries()) {
      const text = ({ code, texts }) => (name === "use" && pair?.use[code]) || texts[name];
      const sides = [a, b].map((one) => side(one.code, text(one), one.texts.language));
      folds[n].body.replaceChildren(...sides);
    }
  };
  const show = () => {
    const focused = root.contains(document.activeElement) && document.activeElement;
    const [a, b] = SIDES.map((name) => codes.find(({ code }) => code === model.get(name)));
    const marked = differing(a.code, b.code);
    postA.replaceChildren(poster(a, marked, openers.a));
    postB.replaceChildren(poster(b, marked, openers.b));
    const pair = pairOf(pairs, a.code, b.code);
    two.hidden = a === b;
    same.replaceChildren();
    if (a === b) same.append(h("p", { class: "s-note" }, t("compare.same")), ...description(a, t));
    else showTwo(a, b, pair);
    read.replaceChildren(links(pair?.read ?? [...new Set([...a.sources, ...b.sources])], t));
    const title = t("compare.title", { a: a.code, b: b.code });
    status.textContent = a === b ? t("compare.same") : title;
    if (!focused) return;
    const isLost = !root.contains(focused) || focused.closest("[hidden]");
    (isLost ? openers.b : focused).focus();
  };
  show();
  const unlisten = listen(model, SIDES, show);
  return () => {
    unlisten();
    root.removeEventListener("keydown", pick.escape);
  };
}

export default {
  async render(context) {
    const known = await context.kit.load("codes");
    return frame(context, "comparison", (root, t, language) =>
      draw(context.model, root, t, known[language]),
    );
  },
};
