import { h } from "../shared/base.js";

/* The dialogue that a question is about: numbered lines, left-to-right in every language. */

const LONG = 15; // lines; more of them scroll, so that what stands below stays near

/** `point`, where given, makes the control that stands before a line. */
export function excerpt({ kind, lines }, t, point = null) {
  const rows = lines.map(([number, said]) => row(number, said, t, point?.(number)));
  if (kind === "predict") rows.push(unknown((lines.at(-1)?.[0] ?? 0) + 1, t));
  const list = h("ol", { class: "dialogue", dir: "ltr", "aria-label": t("ask.dialogue") }, rows);
  // What scrolls must be a stop for the Tab key.
  if (rows.length > LONG) list.tabIndex = 0;
  return list;
}

/** A dialogue that is drawn once more stands where it stood, and its right line is seen. */
export function scrollBack(place, top) {
  const list = place.querySelector(".dialogue");
  if (!list) return;
  list.scrollTop = top;
  const line = list.querySelector(".line.is-right");
  const from = line ? line.offsetTop - list.scrollTop : 0;
  if (from < 0 || from + (line?.offsetHeight ?? 0) > list.clientHeight)
    list.scrollTop = line.offsetTop - list.clientHeight / 2;
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
