import { digits, frame, h, listen, prose, titledTable, wire } from "../shared/base.js";
import { envelopePanel, replyPanel, verbName } from "../shared/panels.js";
import { bar } from "./controls.js";
import { answer, clock, go, isOpen, next, promises, state } from "./steps.js";

/* ---- the keyboard ---- */

/** Arrow keys follow the reading direction; sliders, lists and choices keep theirs. */
function onKey(model, root, event) {
  const [forward, back] =
    root.dir === "rtl" ? ["ArrowLeft", "ArrowRight"] : ["ArrowRight", "ArrowLeft"];
  const moves = {
    [forward]: () => next(model),
    ArrowDown: () => next(model),
    [back]: () => go(model, model.get("step") - 1),
    ArrowUp: () => go(model, model.get("step") - 1),
    Home: () => go(model, 0),
    End: () => go(model, Number.POSITIVE_INFINITY),
  };
  if (!(event.key in moves) || event.target.matches("input, select")) return;
  event.preventDefault();
  moves[event.key]();
}

/* ---- what the highlighted code promised ---- */

/** What each reply with the highlighted code answered, how often, and what it said. */
function promisePanel(now, t, texts) {
  if (!now.highlight) return [];
  const row = ([verb, count]) =>
    h("tr", {}, [
      h("th", { scope: "row" }, verbName(verb, t)),
      h("td", {}, count),
      h("td", {}, prose(texts.means[`${verb} ${now.highlight}`])),
    ]);
  const head = ["after", "times", "promises"].map((key) => t(`player.${key}`));
  const rows = promises(now).map(row);
  return [
    h("h3", {}, t("player.promised", { code: now.highlight })),
    rows.length ? titledTable(head, rows) : h("p", {}, t("player.none_yet")),
  ];
}

/* ---- the ladder ---- */

function turnItem(model, turn, number, t) {
  const marked = (line) => [h("b", {}, line.slice(0, 3)), line.slice(3)];
  const line = (text) => h("span", { class: "line" }, turn.code ? marked(text) : text);
  const said = h(
    "button",
    { class: "said", on: { click: () => go(model, number) } },
    h("span", { class: "aloud" }, `${t(`player.${turn.from}`)}: `),
    h("bdi", { dir: "ltr" }, h("code", {}, turn.lines.map(line))),
  );
  const verdict = h("p", { class: "verdict" });
  const severity = turn.code ? `severity-${String(turn.code)[0]}` : "";
  return {
    node: h("li", { class: `turn ${turn.from} ${severity}` }, said, verdict),
    said,
    verdict,
  };
}

function showTurn({ node, said, verdict }, turn, number, now, t, texts) {
  node.hidden = number > now.step;
  node.classList.toggle("current", number === now.step);
  node.classList.toggle("marked", Boolean(turn.code) && turn.code === now.highlight);
  if (number === now.step) said.setAttribute("aria-current", "step");
  else said.removeAttribute("aria-current");
  const guess = now.predict ? now.guesses[number] : undefined;
  verdict.hidden = guess === undefined;
  if (verdict.hidden) return;
  verdict.className = `verdict ${guess === turn.code ? "right" : guess ? "wrong" : ""}`;
  verdict.replaceChildren(...judged(turn, guess, t, texts));
}

function judged(turn, guess, t, texts) {
  if (!guess) return [t("player.passed")];
  if (guess === turn.code) return [t("player.right", { code: turn.code })];
  const means = prose(texts.means[`${turn.verb} ${guess}`]).flat();
  return [t("player.wrong", { guess, code: turn.code }), " ", ...means];
}

/** The question before a reply: real radio buttons, answered by the button or Enter. */
function question(model, turn, t, texts) {
  const name = `guess-${Math.random()}`; // two views of a player are two groups of buttons
  const option = (code) =>
    h("label", {}, [
      h("input", { type: "radio", name, value: code, required: true }),
      h("span", {}, digits(code), " ", texts.titles[code]),
    ]);
  const submit = (event) => {
    event.preventDefault();
    answer(model, Number(event.target.querySelector("input:checked").value));
  };
  const check = h("button", { type: "submit", class: "main" }, t("player.check"));
  return h("form", { on: { submit } }, [
    h("fieldset", {}, h("legend", {}, t("player.question")), turn.choices.map(option), check),
  ]);
}

function ladder(model, t, texts) {
  const turns = model.get("_turns");
  const items = turns.map((turn, index) => turnItem(model, turn, index + 1, t));
  const ask = h("li", { class: "turn server ask" });
  const list = h("ol", { class: "rungs", "aria-label": t("player.dialogue") }, [
    items.map(({ node }) => node),
    ask,
  ]);
  const ends = ["client", "server"].map((who) => h("span", {}, t(`player.${who}`)));
  const remarks = model.get("_remarks");
  const said = remarks.map(([key, values]) => h("p", { class: "soft" }, prose(t(key, values))));
  let asked = 0;
  const show = (now) => {
    items.forEach((item, index) => {
      showTurn(item, turns[index], index + 1, now, t, texts);
    });
    const number = now.step + 1;
    const open = isOpen(now, number) ? number : 0;
    ask.hidden = !open;
    if (open && open !== asked) ask.replaceChildren(question(model, turns[now.step], t, texts));
    asked = open;
    keepInView(list, open ? ask : items[now.step - 1]?.node);
  };
  return { node: h("div", {}, h("div", { class: "ends" }, ends), list, said), show };
}

/** Scroll the ladder, never the notebook. */
function keepInView(list, item) {
  if (!item) return;
  const [top, bottom] = [item.offsetTop, item.offsetTop + item.offsetHeight];
  if (bottom > list.scrollTop + list.clientHeight) list.scrollTop = bottom - list.clientHeight;
  else if (top < list.scrollTop) list.scrollTop = top;
}

/* ---- all of it ---- */

/** What a screen reader hears when a turn appears. */
function spoken(now, t, texts) {
  const turn = now.turns[now.step - 1];
  if (!turn) return "";
  const guess = now.predict ? now.guesses[now.step] : undefined;
  const verdict = guess ? h("i", {}, judged(turn, guess, t, texts)).textContent : "";
  const means = turn.code ? texts.means[turn.means].replaceAll("`", "") : "";
  return `${verdict} ${t(`player.${turn.from}`)}: ${turn.lines.join(" ")}. ${means}`;
}

function draw(model, root, t, language) {
  const texts = model.get("_texts")[language];
  const controls = bar(model, t);
  const rungs = ladder(model, t, texts);
  const [reply, envelope, promised] = [1, 2, 3].map(() => h("section"));
  const status = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  const name = model.get("name");
  root.append(
    h("h3", {}, name ? [t("player.title"), " ", wire(name)] : t("player.own")),
    controls.node,
    h(
      "div",
      { class: "columns" },
      rungs.node,
      h("div", { class: "panels" }, reply, envelope, promised),
    ),
    status,
  );
  const show = () => {
    const now = state(model);
    const focused = rungs.node.contains(document.activeElement) && document.activeElement;
    rungs.show(now);
    controls.show(now);
    const turn = now.turns[now.step - 1];
    reply.replaceChildren(
      ...replyPanel(turn, t, texts, now.predict ? "player.begin_predict" : "player.begin").filter(
        Boolean,
      ),
    );
    envelope.replaceChildren(...envelopePanel(now, t));
    promised.replaceChildren(...promisePanel(now, t, texts));
    status.textContent = spoken(now, t, texts);
    // What is hidden now has lost the focus: the keyboard goes on at Next, not in JupyterLab.
    if (focused && !focused.checkVisibility()) controls.focus();
  };
  const keys = (event) => onKey(model, root, event);
  root.addEventListener("keydown", keys);
  show();
  const unlisten = listen(model, ["step", "predict", "playing", "highlight", "guesses"], show);
  return () => {
    unlisten();
    root.removeEventListener("keydown", keys);
  };
}

export default {
  // The clock belongs to the model: two views of a player share it.
  initialize: ({ model }) => clock(model),
  render: (context) =>
    frame(context, "player", (root, t, language) => draw(context.model, root, t, language)),
};
