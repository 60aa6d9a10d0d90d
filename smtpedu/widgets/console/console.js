import { frame, h, head, listen, literal, prose, visible } from "../shared/base.js";
import { envelope, replyPanel } from "../shared/envelope.js";
import { line } from "../shared/link.js";
import { expanded } from "../shared/turns.js";
import { challengeList, proof } from "./challenges.js";
import { keys } from "./keys.js";
import { entry, remember, transcript } from "./terminal.js";

const HEEDED = ["status", "solved", "dialogue", "hints", "omitted", "address"];
const START_AGAIN = ["gone", "failed"];
const TROUBLE = [...START_AGAIN, "silent", "lost"];
const LINES = 2000; // that Python takes at once

/** `data` has the lab's host, its mailboxes and the names of the challenges. */
export async function state({ challenges, ...data }, kit) {
  const [all, meanings] = await Promise.all([kit.load("challenges"), kit.load("meanings")]);
  const shown = challenges.map((name) => ({ name, ...all[name] }));
  const start = { status: "new", solved: [], address: "", omitted: 0, hints: [], dialogue: {} };
  return { ...start, ...data, challenges: shown, meanings };
}

/** How the connection is, and the button that makes or ends it. */
function connection(act, t) {
  const said = h("p", { role: "status" });
  const button = h("button", { on: { click: () => act(button.dataset.do) } });
  const show = (now) => {
    const text = t(`console.${now.place}`, { address: now.address });
    const first = START_AGAIN.includes(now.place) && h("strong", {}, t("console.again"), " ");
    if (said.dataset.text !== text) said.replaceChildren(h("span", {}, first, prose(text)));
    said.dataset.text = text;
    said.className = TROUBLE.includes(now.place) ? "s-note console-trouble" : "s-caption";
    const isOpen = ["open", "connecting"].includes(now.status);
    button.dataset.do = isOpen ? "disconnect" : "connect";
    button.textContent = t(isOpen ? "console.disconnect" : "console.connect");
    button.classList.toggle("s-go", !isOpen && now.place !== "failed");
    button.hidden = now.place === "gone"; // nobody is there to connect
  };
  return { said, button, show };
}

function present(model, memory) {
  const now = Object.fromEntries(HEEDED.map((name) => [name, model.get(name)]));
  const { texts, ...dialogue } = expanded(now.dialogue);
  const { means, ...names } = model.get("meanings")[memory.language];
  const [{ status }, { turns }, { alive, selected }] = [now, dialogue, memory];
  const place = alive === null ? "gone" : alive ? status : "silent";
  const isOff = START_AGAIN.includes(place) || (!alive && status === "new");
  return {
    ...now,
    ...dialogue,
    texts: { ...names, means: { ...means, ...texts[memory.language] } },
    place,
    step: Math.min(selected ?? turns.length, turns.length),
    inData: status === "open" && turns.at(-1)?.state === "data",
    isFolded: isOff && !turns.length, // an empty transcript would only be in the way
  };
}

/** What a screen reader hears of a reply, and of a challenge that is done. */
function spoken({ turns, texts }, titles, t) {
  const turn = turns.at(-1);
  const cheers = titles.map((title) => `${t("console.solved")}: ${title}`.replaceAll("`", ""));
  if (!turn?.code) return cheers.join(" ");
  const means = texts.means[turn.means].replaceAll("`", "");
  return [`${t("player.server")}: ${turn.lines.join(" ")}. ${means}`, ...cheers].join(" ");
}

/** Draw what Python sends; several values come at once and are drawn, and read out, once. */
function follow(model, memory, aloud, t) {
  const challenges = model.get("challenges");
  let solved = model.get("solved");
  let due = false;
  const arrived = () => {
    due = false;
    Object.assign(memory, { waiting: [], selected: null, alive: true });
    const now = present(model, memory);
    const isNew = ({ name }) => now.solved.includes(name) && !solved.includes(name);
    const done = challenges.filter(isNew);
    for (const { name } of done) memory.proofs[name] = proof(now.turns);
    const typed = now.turns.filter(({ from }) => from === "client").flatMap(({ lines }) => lines);
    if (!memory.history.length) for (const text of typed) remember(memory, text);
    solved = now.solved;
    memory.show();
    const titles = done.map((one) => one[memory.language].title);
    aloud.textContent = visible(spoken(now, titles, t));
  };
  return listen(model, HEEDED, () => {
    if (!due) queueMicrotask(arrived);
    due = true;
  });
}

/** What the learner can do; each ends in a new look at everything. */
function actions(model, memory, link, parts) {
  return {
    choose: (number) => {
      memory.selected = number === present(model, memory).turns.length ? null : number;
      memory.show();
    },
    say: (all) => {
      if (model.get("status") !== "open" || memory.alive === null) {
        parts.top.button.focus();
        return false;
      }
      const lines = all.slice(0, LINES);
      for (const text of lines) remember(memory, text);
      memory.waiting.push(...lines);
      memory.selected = null;
      link.ask({ do: "say", lines });
      memory.show();
      return true;
    },
    act: (what) => {
      link.ask({ do: what });
      if (what === "connect") parts.typing.input.focus();
      memory.show();
    },
    insert: (text) => {
      parts.typing.type(text);
      parts.typing.input.focus();
    },
  };
}

function draw(model, root, t, language, memory, link) {
  const parts = {};
  memory.language = language;
  const { choose, say, act, insert } = actions(model, memory, link, parts);
  parts.top = connection(act, t);
  parts.dialogue = transcript(memory, choose, t);
  parts.typing = entry(memory, say, t);
  parts.keys = keys(insert, t);
  parts.tasks = challengeList(model.get("challenges"), memory, language, t);
  parts.envelope = envelope(t);
  const { top, dialogue, typing, tasks } = parts;
  const reply = h("section");
  const aloud = h("p", { class: "s-aloud", role: "status" });
  const talk = h("div", { class: "s-two" }, [
    h("div", { class: "console-talk" }, dialogue.node, typing.node, parts.keys.node),
    h("div", { class: "s-panels" }, reply, parts.envelope.node),
  ]);
  const boxes = model.get("mailboxes").flatMap((one, n) => [n ? " · " : "", literal(one)]);
  const mailboxes = h("section", {}, [h("h4", {}, t("console.mailboxes")), h("p", {}, boxes)]);
  const below = h("div", { class: "s-panels" }, talk, mailboxes, tasks.node);
  const title = prose(t("console.title", { host: `\`${model.get("host")}\`` }));
  root.append(head(title, top.said, top.button), below, aloud);
  memory.show = () => {
    const now = present(model, memory);
    const held = root.contains(document.activeElement) && document.activeElement;
    talk.hidden = now.isFolded;
    // As long as one can send, the keys say who can be written to.
    mailboxes.hidden = !boxes.length || !(now.isFolded || now.place === "gone");
    for (const part of Object.values(parts)) part.show(now);
    const turn = now.turns[now.step - 1];
    reply.replaceChildren(...replyPanel(turn, t, now.texts, "console.begin"));
    if (!held || held.checkVisibility()) return;
    // What had the focus is gone: the keyboard goes on where there is something to do.
    [typing.input, top.button, root].find((one) => one.checkVisibility()).focus();
  };
  memory.show();
  return follow(model, memory, aloud, t);
}

function render(context) {
  const { model } = context;
  const memory = { history: [], at: 0, draft: "", typed: "", selected: null };
  Object.assign(memory, { waiting: [], proofs: {}, alive: true, show: () => {} });
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

export default { remembers: ["language", "solved", "dialogue"], render };
