import { h, literal, prose } from "../shared/base.js";
import { ladder } from "../shared/ladder.js";

/* The part of the console that is like a terminal: what was said, what is being typed. */

const LIMITS = { data: 998, command: 510 }; // octets before <CRLF>, RFC 5321 §4.5.3.1
const LONGEST = 4000; // characters that can be typed, so that a line can be too long
const PLAIN = { dir: "ltr", spellcheck: "false", autocomplete: "off", autocapitalize: "off" };

/* ---- what was typed ---- */

/** Remember a line for the arrow keys; the same line twice in a row counts once. */
export function remember(memory, text) {
  if (text && memory.history.at(-1) !== text) memory.history.push(text);
  memory.at = memory.history.length;
}

/** The line `by` steps away in the history; past its end waits what was being typed. */
export function recall(memory, by, typed) {
  if (memory.at === memory.history.length) memory.draft = typed;
  memory.at = Math.max(0, Math.min(memory.history.length, memory.at + by));
  return memory.history[memory.at] ?? memory.draft;
}

/** Text with line ends: whole lines to send, and the rest. */
export function cut(text) {
  const lines = text.split(/\r\n|\r|\n/);
  return { rest: lines.pop(), lines };
}

/* ---- the transcript ---- */

/** The ladder, and below its turns what was sent and Python has not taken up yet. */
export function transcript(memory, choose, t) {
  const sent = h("li", { class: "s-asks s-soft console-sent" });
  const rung = (text) =>
    h("div", { class: "s-rung" }, h("span", { class: "s-said" }, literal(text)));
  const said = ladder(t, { choose, move: choose, tail: [sent] });
  const omitted = h("p", { class: "s-caption" });
  const show = (now) => {
    omitted.textContent = now.omitted ? t("console.omitted", { count: now.omitted }) : "";
    sent.hidden = !memory.waiting.length;
    sent.replaceChildren(...memory.waiting.map(rung));
    said.show(now);
    if (memory.selected !== null) return;
    if (now.inData) unfold(said.items.at(-1));
    said.list.scrollTop = said.list.scrollHeight;
  };
  return { node: h("div", {}, omitted, said.node), show };
}

/** While a message is typed, its lines are there to be read. */
function unfold({ node }) {
  node.querySelector('.s-more[aria-expanded="false"]')?.click();
  const rest = node.querySelector(".s-rest");
  if (rest) rest.scrollTop = rest.scrollHeight;
}

/* ---- the line to type ---- */

/** What the line that is being typed does, as far as it tells. */
function about(text, { status, inData }, t) {
  if (status !== "open") return t("console.not_open");
  if (inData) return t("console.in_data");
  return t(`does.${text.split(/[ :]/)[0].toUpperCase()}`, {}, "console.hint_how");
}

/** The client's next rung: the line to type. `say(lines)` tells whether they could be sent. */
export function entry(memory, say, t) {
  const name = h("span", { class: "s-caption" });
  const help = h("p", { class: "s-caption", id: `smtpedu-${Math.random()}` });
  const input = h("input", { class: "console-typed", maxlength: LONGEST, ...PLAIN });
  input.setAttribute("aria-describedby", help.id);
  const send = h("button", { type: "submit" }, t("console.send"));
  const note = h("p", { class: "s-note", role: "status" });
  let now = { status: "new" };
  const typed = () => {
    memory.typed = input.value;
    const limit = now.inData ? LIMITS.data : LIMITS.command;
    const length = new TextEncoder().encode(input.value).length;
    note.hidden = length <= limit;
    note.replaceChildren(h("span", {}, prose(t("console.long", { length, limit }))));
    help.replaceChildren(...prose(about(input.value, now, t)).flat());
  };
  const type = (text) => {
    input.value = text;
    typed();
  };
  const submit = (event) => {
    event.preventDefault();
    if (say([input.value])) type("");
  };
  const paste = (event) => {
    const text = event.clipboardData.getData("text");
    if (!/[\r\n]/.test(text)) return;
    event.preventDefault();
    const { value, selectionStart, selectionEnd } = input;
    const { lines, rest } = cut(value.slice(0, selectionStart) + text + value.slice(selectionEnd));
    if (say(lines)) type(rest);
  };
  const keydown = (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    type(recall(memory, by, input.value));
  };
  for (const [event, listener] of Object.entries({ input: typed, paste, keydown }))
    input.addEventListener(event, listener);
  const label = h("label", { class: "console-label" }, name, input);
  const rung = h("div", { class: "s-rung" }, label, h("span", {}, send));
  const form = h("form", { class: "console-next", on: { submit } }, rung);
  const show = (fresh) => {
    now = fresh;
    name.textContent = t(now.inData ? "console.message_line" : "console.command_line");
    node.hidden = now.place === "gone";
    send.classList.toggle("s-go", now.status === "open");
    send.setAttribute("aria-disabled", now.status !== "open");
    typed();
  };
  const node = h("div", {}, form, help, note);
  type(memory.typed);
  return { node, input, type, show };
}
