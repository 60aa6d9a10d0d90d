import { h, literal, prose } from "../shared/base.js";
import { chip, mark, verbName } from "../shared/parts.js";

/* What the learner is set, and what of it is done. */

/** The command and the code that have just solved something; nothing if no reply did. */
export function proof(turns) {
  const { code, verb } = turns.at(-1) ?? {};
  const asked = turns.findLast(({ from }) => from === "client");
  return code && { code, verb, line: asked?.lines[0] ?? "" };
}

function challenge({ title, hint }, t) {
  const rest = h("p", { class: "s-soft", hidden: true }, prose(hint));
  const by = h("p", { class: "s-caption" });
  const click = () => {
    rest.hidden = !rest.hidden;
    button.setAttribute("aria-expanded", !rest.hidden);
  };
  const name = { class: "s-quiet console-hint", "aria-label": t("console.challenge_hint") };
  const button = h("button", { ...name, "aria-expanded": "false", on: { click } }, "?");
  const node = h("li", {}, h("i"), h("div", {}, h("p", {}, prose(title)), by, rest), button);
  const open = h("span", { class: "s-aloud" }, t("console.unsolved"));
  const ring = h("span", { class: "console-ring" }, open);
  const show = (solved, found) => {
    node.firstChild.replaceWith(solved ? mark(true, t("console.solved")) : ring);
    if (!solved || !found) return;
    const { code, verb, line } = found;
    const said = verb === verb.toUpperCase() ? literal(line) : verbName(verb, t);
    by.replaceChildren(said, " ", chip(code));
  };
  return { node, show };
}

/** All challenges, the solved ones last; `memory.proofs` are the replies that solved them. */
export function challengeList(challenges, memory, language, t) {
  const items = challenges.map((one) => challenge(one[language], t));
  const list = h("ul", { class: "console-tasks" });
  const count = h("h4");
  const node = h("section", { hidden: !items.length }, count, list);
  const show = ({ solved }) => {
    const isDone = (n) => solved.includes(challenges[n].name);
    challenges.forEach(({ name }, n) => {
      items[n].show(isDone(n), memory.proofs[name]);
    });
    const order = items.map((_, n) => n).sort((a, b) => isDone(a) - isDone(b));
    const nodes = order.map((n) => items[n].node);
    const held = document.activeElement;
    if (nodes.some((one, n) => one !== list.children[n])) list.replaceChildren(...nodes);
    if (list.contains(held)) held.focus({ preventScroll: true });
    const score = t("console.score", { done: solved.length, all: items.length });
    count.textContent = `${t("console.challenges")} · ${score}`;
  };
  return { node, show };
}
