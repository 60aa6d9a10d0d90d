import { h, prose, wire } from "../shared/base.js";
import { sources } from "../shared/card.js";

/* What is said of an answer: right or not, why, and where to read it. */

/** Null as long as there is nothing to say. `as` holds the question's language and direction. */
export function verdict(item, now, t, as) {
  if (!now.said.length && !now.done) return null;
  const isWrong = now.done && !now.right;
  return h("section", { class: `verdict ${kind(now)}`, "aria-label": t("ask.verdict") }, [
    h("h4", {}, t(now.tries ? TITLES[kind(now)] : "ask.not_answered")),
    tries(item, now, t, as),
    isWrong && answer(item, now.solution, t, as),
    now.done && item.why ? h("p", { class: "why", ...as }, prose(item.why)) : null,
    now.done && now.right && now.guessed && h("p", { class: "soft" }, t("ask.lucky")),
    now.done && readings(item.source ?? ""),
  ]);
}

/** What is said of each try, the first one first. */
function tries({ kind: asked }, { said, earlier, given }, t, as) {
  const told = (texts, more = {}) => texts.map((text) => h("p", { ...as, ...more }, prose(text)));
  const before = earlier.filter((one) => one.said.length);
  if (!before.length) return told(said);
  const what = {
    number: (response) => [": ", wire(response)],
    point: (number) => [": ", t("ask.line", { number })],
  };
  const label = (kind, key, response) =>
    h("p", { class: kind }, t(key), what[asked]?.(response) ?? []);
  return [
    before.map((one) => [
      label("try earlier", "ask.first_try", one.response),
      told(one.said, { class: "earlier" }),
    ]),
    said.length > 0 && label("try", "ask.second_try", given),
    told(said),
  ];
}

const TITLES = {
  right: "ask.right",
  second: "ask.right_second",
  again: "ask.try_again",
  wrong: "ask.wrong",
};

function kind({ done, right, first }) {
  if (right) return first ? "right" : "second";
  return done ? "wrong" : "again";
}

/** What a screen reader hears of it; what it said of an earlier try, it does not say again. */
export function spokenVerdict(node) {
  const parts = [...(node?.querySelectorAll("h4, p:not(.earlier), ol > li") ?? [])];
  const spoken = ({ tagName, textContent }) =>
    tagName === "H4" || tagName === "LI" ? `${textContent}.` : textContent;
  return parts.map(spoken).join(" ");
}

/** The right answer in words; several choices and classes are marked where they stand. */
function answer({ kind: asked, options, lines }, solution, t, as) {
  const told = (...nodes) => h("p", {}, h("strong", {}, `${t("ask.solution")}:`), " ", ...nodes);
  if (solution === null || asked === "choices" || asked === "classify") return null;
  if (asked === "number") return told(wire(solution));
  if (asked === "point") {
    const [number, said] = lines.find(([line]) => line === solution);
    return told(t("ask.line", { number }), " ", wire(said));
  }
  if (asked !== "order") return told(h("span", as, prose(options[solution].text)));
  const steps = solution.map((position) => h("li", {}, prose(options[position].text)));
  return [told(), h("ol", as, steps)];
}

/** Sources as links; what is no RFC (a teacher's book) as it is. */
export function readings(text) {
  const all = text.split(/;\s*/).filter(Boolean);
  const isRfc = (source) => /^RFC \d+( §[\d.]+)?$/.test(source);
  const [rfcs, others] = [all.filter(isRfc), all.filter((source) => !isRfc(source))];
  return h("div", { class: "readings" }, [
    rfcs.length > 0 && sources(rfcs),
    others.map((source) => h("p", { class: "soft" }, source)),
  ]);
}
