import { frame, h, listen, prose, wire } from "../shared/base.js";
import { line } from "../shared/link.js";
import { envelopePanel, replyPanel } from "../shared/panels.js";
import { commands, entry, remember, transcript } from "./terminal.js";

const HEEDED = ["status", "solved", "_turns", "_envelopes", "_hints", "_omitted", "_address"];

/* ---- connection, hints, challenges ---- */

function connection(memory, act, t) {
  const said = h("p", { class: "status", role: "status", "aria-live": "polite" });
  const button = h("button", { on: { click: () => act(button.dataset.do) } });
  const hint = h(
    "button",
    { class: "hint", "aria-expanded": "false", on: { click: () => act("hint") } },
    t("console.hint"),
  );
  const show = (now) => {
    const { alive, address } = now;
    const text = alive ? t(`console.${now.status}`, { address }) : t("console.silent");
    if (said.dataset.text !== text) said.replaceChildren(...prose(text).flat());
    said.dataset.text = text;
    said.classList.toggle("trouble", !now.alive || ["lost", "failed"].includes(now.status));
    const isOpen = ["open", "connecting"].includes(now.status);
    button.dataset.do = isOpen ? "disconnect" : "connect";
    button.textContent = t(isOpen ? "console.disconnect" : "console.connect");
    button.classList.toggle("main", !isOpen);
    hint.setAttribute("aria-expanded", memory.hints);
  };
  return { node: h("div", { class: "bar" }, button, hint, said), button, show };
}

/** The commands that are legal now, what they do, and lines to put into the input. */
function hintBox(memory, insert, t) {
  const node = h("section", { class: "hints", "aria-label": t("console.hint") });
  const example = (text) =>
    h("button", { dir: "ltr", on: { click: () => insert(text) } }, wire(text));
  const row = ([verb, lines]) => [
    h("dt", {}, verb === verb.toUpperCase() ? wire(verb) : t(`verb.${verb}`)),
    h("dd", {}, h("p", {}, prose(t(`does.${verb}`, {}, "does.other"))), lines.map(example)),
  ];
  let drawn = "";
  const show = (now) => {
    node.hidden = !memory.hints;
    const fresh = JSON.stringify([now.status, now.hints]);
    if (fresh === drawn) return;
    drawn = fresh;
    const usable = now.status === "open" && now.hints.length > 0;
    const none = h("p", {}, t(now.status === "open" ? "console.wait" : "console.not_open"));
    node.replaceChildren(
      usable ? h("p", { class: "soft" }, t("console.hint_how")) : none,
      ...(usable ? [h("dl", {}, now.hints.map(row))] : []),
    );
  };
  return { node, show };
}

function challengeItem({ title, hint }, t) {
  const tick = h("span", { class: "tick", "aria-hidden": "true" });
  const state = h("span", { class: "aloud" });
  const node = h("li", {}, [
    tick,
    h("div", {}, [
      h("p", {}, prose(title), " ", state),
      h("details", {}, h("summary", {}, t("console.challenge_hint")), h("p", {}, prose(hint))),
    ]),
  ]);
  const show = (solved) => {
    node.classList.toggle("solved", solved);
    tick.textContent = solved ? "✓" : "";
    state.textContent = t(solved ? "console.solved" : "console.unsolved");
  };
  return { node, show };
}

function challengeList(challenges, language, t) {
  const items = challenges.map((one) => challengeItem(one[language], t));
  const count = h("p", { class: "soft" });
  const nodes = items.map((item) => item.node);
  const list = h("ul", { class: "challenges" }, nodes);
  const title = h("h3", {}, t("console.challenges"));
  const node = h("section", { class: "tasks" }, title, count, list);
  node.hidden = !items.length;
  const show = (now) => {
    challenges.forEach(({ name }, n) => {
      items[n].show(now.solved.includes(name));
    });
    count.textContent = t("console.score", { done: now.solved.length, all: items.length });
  };
  return { node, show };
}

/* ---- all of it ---- */

function present(model, memory) {
  const turns = model.get("_turns");
  const status = model.get("status");
  return {
    turns,
    envelopes: model.get("_envelopes"),
    step: Math.min(memory.selected ?? turns.length, turns.length),
    status,
    address: model.get("_address"),
    hints: model.get("_hints"),
    omitted: model.get("_omitted"),
    solved: model.get("solved"),
    alive: memory.alive,
    inData: status === "open" && turns.at(-1)?.state === "data",
  };
}

/** What a screen reader hears of a reply, and of a challenge that is done. */
function spoken(now, before, challenges, t, texts) {
  const turn = now.turns.at(-1);
  const done = challenges.filter(({ name }) => now.solved.includes(name) && !before.includes(name));
  const cheers = done.map(({ title }) => `${t("console.solved")}: ${title}`.replaceAll("`", ""));
  if (!turn?.code) return cheers.join(" ");
  const means = texts.means[turn.means].replaceAll("`", "");
  return [`${t("player.server")}: ${turn.lines.join(" ")}. ${means}`, ...cheers].join(" ");
}

/** Draw what Python sends; several traits come at once and are drawn, and read out, once. */
function follow(model, memory, aloud, language, t) {
  const titled = model
    .get("_challenges")
    .map((one) => ({ name: one.name, title: one[language].title }));
  let solved = model.get("solved");
  let due = false;
  const arrived = () => {
    due = false;
    memory.waiting = [];
    memory.selected = null;
    memory.show();
    const now = present(model, memory);
    aloud.textContent = spoken(now, solved, titled, t, model.get("_texts")[language]);
    solved = now.solved;
  };
  return listen(model, HEEDED, () => {
    if (!due) queueMicrotask(arrived);
    due = true;
  });
}

/** What the learner can do; each ends in a new look at everything. */
function actions(model, memory, link, parts) {
  const show = () => memory.show();
  return {
    choose: (number) => {
      memory.selected = number === model.get("_turns").length ? null : number;
      show();
    },
    say: (lines) => {
      if (model.get("status") !== "open") {
        parts.top.button.focus();
        return false;
      }
      for (const text of lines) remember(memory, text);
      memory.waiting.push(...lines);
      memory.selected = null;
      link.ask({ do: "say", lines });
      show();
      return true;
    },
    act: (what) => {
      if (what === "hint") memory.hints = !memory.hints;
      else link.ask({ do: what });
      if (what === "connect") parts.typing.input.focus();
      show();
    },
    insert: (text) => {
      parts.typing.type(text);
      parts.typing.input.focus();
    },
  };
}

function draw(model, root, t, language, memory, link) {
  const parts = {};
  const { choose, say, act, insert } = actions(model, memory, link, parts);
  parts.top = connection(memory, act, t);
  parts.said = transcript(memory, choose, t);
  parts.typing = entry(memory, say, t);
  parts.hints = hintBox(memory, insert, t);
  parts.tasks = challengeList(model.get("_challenges"), language, t);
  const [reply, envelope] = [1, 2].map(() => h("section"));
  const aloud = h("p", { class: "aloud", role: "status", "aria-live": "polite" });
  const data = h("p", { class: "note" }, prose(t("console.in_data")));
  const { top, said, typing, hints, tasks } = parts;
  root.append(
    h("h3", {}, prose(t("console.title", { host: `\`${model.get("_host")}\`` }))),
    top.node,
    h("div", { class: "columns" }, [
      h("div", { class: "talk" }, said.node, data, typing.node, typing.note, hints.node),
      h("div", { class: "panels" }, reply, envelope),
      tasks.node,
    ]),
    aloud,
  );
  memory.show = () => {
    const now = present(model, memory);
    for (const part of Object.values(parts)) part.show(now);
    data.hidden = !now.inData;
    const turn = now.turns[now.step - 1];
    const texts = model.get("_texts")[language];
    reply.replaceChildren(...replyPanel(turn, t, texts, "console.begin").filter(Boolean));
    envelope.replaceChildren(...envelopePanel(now, t));
  };
  memory.show();
  return follow(model, memory, aloud, language, t);
}

function view(context) {
  const { model } = context;
  const history = commands(model.get("_turns"));
  const memory = { history, at: history.length, draft: "", typed: "", selected: null };
  Object.assign(memory, { waiting: [], hints: false, alive: true, show: () => {} });
  const link = line(model, (alive) => {
    memory.alive = alive;
    memory.show();
  });
  const clean = frame(context, "console", (root, t, language) =>
    draw(model, root, t, language, memory, link),
  );
  link.ask({ do: "hello" });
  return () => {
    link.hangUp();
    clean();
  };
}

export default { render: view };
