import { h, literal, prose } from "../shared/base.js";

/* The commands that may be sent now, as keys that fill the input. */

/** What the lines of one command have in common, before and after what is each one's own. */
export function split(lines) {
  const [first] = lines;
  const least = Math.min(...lines.map(({ length }) => length));
  const common = (at) => {
    let n = 0;
    while (n < least && lines.every((line) => line.at(at(n)) === first.at(at(n)))) n += 1;
    return n;
  };
  const start = first.slice(0, common((n) => n));
  const end = first.slice(first.length - common((n) => -1 - n));
  const [before] = start.match(/^.*[ :<]/) ?? [""];
  const [after] = end.match(/[@>].*$/) ?? [""];
  const own = lines.map((line) => line.slice(before.length, line.length - after.length));
  if (own.every(Boolean)) return { before, after, own };
  const [whole] = start.match(/^.*[ :]/) ?? [""];
  return { before: whole, after: "", own: lines.map((line) => line.slice(whole.length)) };
}

/** The keys of what may be sent; `insert(line)` is for a press. */
export function keys(insert, t) {
  const key = (line, shown = line) =>
    h(
      "button",
      { class: "console-key", "aria-label": line, on: { click: () => insert(line) } },
      literal(shown),
    );
  const group = ([, lines]) => {
    const { before, after, own } = split(lines);
    const name = before && h("span", { class: "s-soft" }, literal(`${before}…${after}`));
    return h("div", { class: "console-keys" }, name, h("div", {}, own.map((one, n) => key(lines[n], one))));
  };
  const rows = h("div");
  const node = h("section", {}, h("h4", {}, t("console.may_send")), rows);
  let drawn = "";
  const show = ({ status, hints }) => {
    const isOpen = status === "open";
    // Between a command and its reply nothing may be sent: the keys stay, or they would flicker.
    if (isOpen && !hints.length && drawn.startsWith("[[")) return;
    const fresh = isOpen ? JSON.stringify(hints) : "closed";
    if (fresh === drawn) return;
    drawn = fresh;
    const several = hints.filter(([, lines]) => lines.length > 1);
    const single = hints.filter(([, lines]) => lines.length === 1).map(([, [line]]) => key(line));
    const none = h("p", { class: "s-soft" }, prose(t(isOpen ? "console.wait" : "console.not_open")));
    rows.replaceChildren(
      ...(isOpen && hints.length
        ? [...several.map(group), h("div", { class: "console-keys" }, h("div", {}, single))]
        : [none]),
    );
  };
  return { node, show };
}
