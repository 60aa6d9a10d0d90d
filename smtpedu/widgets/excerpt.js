import { h } from "./base.js";

/* The dialogue that a question is about: numbered lines, left-to-right in every language. */

const LONG = 16; // lines

/** `point`, where given, makes the control that stands before a line. */
export function excerpt({ kind, lines }, t, point = null) {
  const rows = lines.map(([number, said]) => row(number, said, t, point?.(number)));
  if (kind === "predict") rows.push(unknown((lines.at(-1)?.[0] ?? 0) + 1, t));
  const list = h("ol", { class: "dialogue", dir: "ltr", "aria-label": t("ask.dialogue") }, rows);
  // A long one scrolls, and what scrolls must be a stop for the Tab key.
  if (rows.length > LONG && !point) list.tabIndex = 0;
  return list;
}

function row(number, said, t, control) {
  const who = said.startsWith("S") ? "server" : "client";
  const text = said.slice(3);
  const isReply = who === "server" && /^[2-5]\d\d/.test(text);
  const content = [
    control ?? null,
    h("span", { class: "number" }, number),
    speaker(who, t),
    h("code", {}, isReply ? [h("b", {}, text.slice(0, 3)), text.slice(3)] : text || " "),
  ];
  const severity = isReply ? ` severity-${text[0]}` : "";
  const node = h("li", { class: `line ${who}${severity}`, value: number });
  node.append(control ? h("label", {}, content) : h("span", {}, content.filter(Boolean)));
  return node;
}

function speaker(who, t) {
  return h("span", { class: "who" }, [
    h("span", { "aria-hidden": "true" }, who === "client" ? "C:" : "S:"),
    h("span", { class: "aloud" }, t(who === "client" ? "ask.client" : "ask.server")),
  ]);
}

/** The line that is asked for. */
function unknown(number, t) {
  return h("li", { class: "line server asked", value: number }, [
    h("span", {}, [
      h("span", { class: "number" }, number),
      speaker("server", t),
      h("code", { "aria-hidden": "true" }, "? ? ?"),
      h("span", { class: "aloud" }, t("ask.asked")),
    ]),
  ]);
}
