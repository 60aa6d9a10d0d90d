import { h, literal } from "../shared/base.js";

/* The commands that may be sent now, as keys that fill the input. */

function beginning(lines) {
  const [first] = lines;
  let n = 0;
  while (n < first.length && lines.every((line) => line[n] === first[n])) n += 1;
  return first.slice(0, n);
}

const turned = (line) => [...line].reverse().join("");

/** What the lines of one command have in common, before and after what is each one's own. */
export function split(lines, start = /^.*[ :<]/, end = /[@>].*$/) {
  const [before] = beginning(lines).match(start) ?? [""];
  const rest = lines.map((line) => line.slice(before.length));
  const [after] = turned(beginning(rest.map(turned))).match(end) ?? [""];
  const own = rest.map((line) => line.slice(0, line.length - after.length));
  // `<>` is nothing without its brackets.
  return own.every(Boolean) ? { before, after, own } : split(lines, /^.*[ :]/, /^$/);
}

/** The keys of what may be sent; `insert(line)` is for a press. */
export function keys(insert, t) {
  const key = (line, shown = line) => {
    const attributes = { class: "console-key", "aria-label": line };
    return h("button", { ...attributes, on: { click: () => insert(line) } }, literal(shown));
  };
  const row = (lines) => {
    const { before, after, own } = split(lines);
    const name = h("p", { class: "s-soft" }, literal(`${before}…${after}`));
    const buttons = own.map((one, n) => key(lines[n], one));
    return [name, h("div", {}, buttons)];
  };
  const rows = h("div", { class: "console-keys" });
  const others = h("div", { class: "console-keys console-others" });
  const node = h("section", {}, h("h4", {}, t("console.may_send")), rows, others);
  let drawn = "";
  const show = ({ status, place, hints }) => {
    node.hidden = status !== "open" || place === "gone";
    const fresh = JSON.stringify(hints);
    // Between a command and its reply nothing may be sent; keys that went and came would flicker.
    if (fresh === drawn || (drawn.length > 2 && !hints.length)) return;
    drawn = fresh;
    const all = hints.map(([, lines]) => lines);
    const isRow = (lines) => lines.length > 1 && split(lines).before;
    const single = all.filter((lines) => !isRow(lines)).flat();
    rows.replaceChildren(...all.filter(isRow).flatMap(row));
    others.replaceChildren(...(all.length ? single.map((line) => key(line)) : [t("console.wait")]));
  };
  return { node, show };
}
