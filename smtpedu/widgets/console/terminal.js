import { h, prose } from "../shared/base.js";

/* The part of the console that is like a terminal: what was said, what is being typed. */

const LIMITS = { data: 998, command: 510 }; // octets before <CRLF>, RFC 5321 §4.5.3.1
const LONGEST = 4000; // characters that can be typed, so that a line can be too long

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

export function commands(turns) {
  return turns.filter((turn) => turn.from === "client").flatMap(({ lines }) => lines);
}

/* ---- the transcript ---- */

function turnLine(turn, text) {
  const marked = turn.code ? [h("b", {}, text.slice(0, 3)), text.slice(3)] : text;
  return h("span", { class: "line" }, marked);
}

function turnItem(turn, number, choose, t) {
  const severity = turn.code ? `severity-${String(turn.code)[0]}` : "";
  const lines = turn.lines.map((text) => turnLine(turn, text));
  const said = h(
    "button",
    { class: "said", tabindex: -1, on: { click: () => choose(number) } },
    h("span", { class: "aloud" }, `${t(`player.${turn.from}`)}: `),
    h("span", { class: "mark", "aria-hidden": "true" }, turn.from === "client" ? "C:" : "S:"),
    h("code", {}, lines),
  );
  const node = h("li", { class: `turn ${turn.from} ${severity}` }, said);
  return { node, said, key: JSON.stringify([turn.lines, turn.code]) };
}

/** All turns; only one of them is a stop for Tab, the arrow keys go on to the others. */
export function transcript(memory, choose, t) {
  let items = [];
  const sent = h("li", { class: "sent" });
  const keys = { ArrowUp: -1, ArrowDown: 1 };
  const onKey = (event) => {
    if (!(event.key in keys) || !items.length) return;
    event.preventDefault();
    const number = (memory.selected ?? items.length) + keys[event.key];
    choose(Math.max(1, Math.min(items.length, number)));
    items[(memory.selected ?? items.length) - 1].said.focus();
  };
  const list = h("ol", { class: "transcript", dir: "ltr", on: { keydown: onKey } });
  list.setAttribute("aria-label", t("player.dialogue"));
  const show = (now) => {
    const before = items;
    items = now.turns.map((turn, n) => {
      const fresh = turnItem(turn, n + 1, choose, t);
      return before[n]?.key === fresh.key ? before[n] : fresh;
    });
    items.forEach(({ node, said }, n) => {
      const current = n + 1 === now.step;
      node.classList.toggle("current", current);
      said.tabIndex = current ? 0 : -1;
      if (current) said.setAttribute("aria-current", "true");
      else said.removeAttribute("aria-current");
    });
    sent.hidden = memory.waiting.length === 0;
    sent.replaceChildren(...memory.waiting.map((text) => h("code", {}, text)));
    const nodes = [...items.map(({ node }) => node), sent];
    if (nodes.length !== list.children.length || nodes.some((node, n) => node !== list.children[n]))
      list.replaceChildren(...nodes);
    if (memory.selected === null) list.scrollTop = list.scrollHeight;
  };
  const omitted = h("p", { class: "soft" });
  const node = h("div", {}, omitted, list);
  return {
    node,
    show: (now) => {
      omitted.hidden = !now.omitted;
      omitted.textContent = t("console.omitted", { count: now.omitted });
      show(now);
    },
  };
}

/* ---- the line to type ---- */

export function entry(memory, say, t) {
  const name = h("span");
  const input = h("input", {
    type: "text",
    class: "typed",
    dir: "ltr",
    maxlength: LONGEST,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "off",
  });
  const send = h("button", { type: "submit", class: "main" }, t("console.send"));
  const note = h("p", { class: "note", role: "status", "aria-live": "polite" });
  let limit = LIMITS.command;
  const type = (text) => {
    input.value = text;
    typed();
  };
  const typed = () => {
    memory.typed = input.value;
    const length = new TextEncoder().encode(input.value).length;
    note.hidden = length <= limit;
    note.replaceChildren(
      ...(note.hidden ? [] : prose(t("console.long", { length, limit })).flat()),
    );
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
    // Ctrl+Enter would run the cell again, and this console would be gone.
    if (event.key === "Enter") event.stopPropagation();
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by) return;
    event.preventDefault();
    type(recall(memory, by, input.value));
  };
  for (const [event, listener] of Object.entries({ input: typed, paste, keydown }))
    input.addEventListener(event, listener);
  const node = h("form", { on: { submit } }, h("label", {}, name, input), send);
  const show = (now) => {
    limit = now.inData ? LIMITS.data : LIMITS.command;
    name.textContent = t(now.inData ? "console.message_line" : "console.command_line");
    node.classList.toggle("in-data", now.inData);
    send.setAttribute("aria-disabled", now.status !== "open");
  };
  type(memory.typed);
  return { node, note, input, type, show };
}
