import { h, literal, prose } from "../shared/base.js";
import { sources } from "../shared/parts.js";

/* What stands below the answers: right or not, why, and where to read it. What is said of an
   option stands in it; what is said of anything else, here. */

/** Null as long as there is nothing to say. `as` holds the question's language and direction. */
export function verdict(item, now, t, as) {
  if (!now.said.length && !now.done) return null;
  const words = (text) => h("span", as, prose(text));
  return h("section", { class: "quiz-verdict", "aria-label": t("ask.verdict") }, [
    tries(item, now, t, as),
    h("p", {}, [
      h("strong", {}, `${title(now, t)}.`),
      [missed(item, now, t), answer(item, now, t)].map((more) => more && [" ", more]),
      now.done && item.why ? [" ", words(item.why)] : null,
    ]),
    now.done && now.right && now.guessed && h("p", { class: "s-soft" }, t("ask.lucky")),
    now.done && readings(item.source ?? ""),
  ]);
}

const TITLES = {
  right: "ask.right",
  second: "ask.right_second",
  again: "ask.try_again",
  wrong: "ask.wrong",
};

function title({ done, right, first, tries }, t) {
  if (!tries) return t("ask.not_answered");
  return t(TITLES[right ? (first ? "right" : "second") : done ? "wrong" : "again"]);
}

/* ---- what is said of each try ---- */

/** Whether the options say it themselves: those of an exam do not know what is said of each. */
function isInOptions({ kind, options }) {
  if (["number", "point", "order", "classify"].includes(kind)) return false;
  return kind !== "choices" || options.every(({ feedback }) => feedback !== undefined);
}

function tries(item, { said, earlier, given }, t, as) {
  if (isInOptions(item)) return null;
  const all = [...earlier, { response: given, said }].filter((one) => one.said.length);
  const what = {
    number: (response) => [": ", literal(response)],
    point: (number) => [": ", t("ask.line", { number })],
  };
  const label = (n, response) =>
    h("h4", {}, t(n ? "ask.second_try" : "ask.first_try"), what[item.kind]?.(response) ?? []);
  return all.map((one, n) => [
    all.length > 1 && label(n, one.response),
    one.said.map((text) => h("p", as, prose(text))),
  ]);
}

/** That something is missing is told at the first try; what it is, is not. */
function missed({ kind, options }, { given, done, failed }, t) {
  if (kind !== "choices" || done || !failed) return "";
  const isMissed = options.some(({ right }, position) => right && !given.includes(position));
  return isMissed ? t("ask.some_missing") : "";
}

/** The right answer in words, where it is not marked among the answers. */
function answer({ kind, lines }, { done, right, solution }, t) {
  if (!done || right || solution === null) return "";
  if (kind === "number") return [`${t("ask.solution")}: `, literal(solution), "."];
  if (kind !== "point") return "";
  const [number, said] = lines.find(([line]) => line === solution);
  return [`${t("ask.solution")}: `, t("ask.line", { number }), " ", literal(said), "."];
}

/** What a screen reader hears; what it said of an earlier try, it does not say again. */
export function spoken(item, now, t) {
  const wrongly = (text) =>
    item.options.some(({ feedback, right }) => !right && feedback === text);
  const told = now.done || item.kind !== "choices" ? now.said : now.said.filter(wrongly);
  const right = SOLUTIONS[item.kind] ?? (({ options }, n) => options[n].text);
  const isToTell = now.done && !now.right && now.solution !== null;
  const solved = isToTell ? right(item, now.solution, t) : "";
  const parts = [
    `${title(now, t)}.`,
    ...told,
    missed(item, now, t),
    solved && `${t("ask.solution")}: ${solved}`,
    now.done && item.why,
  ];
  return parts.filter(Boolean).join(" ").replaceAll("`", "");
}

const inTurn = ({ options }, solution) => solution.map((n) => options[n].text).join("; ");
const SOLUTIONS = {
  number: (_, solution) => String(solution),
  point: (_, number, t) => t("ask.line", { number }),
  choices: inTurn,
  order: inTurn,
  classify: () => "",
};

/** Sources as links in one line; what is no RFC (a teacher's book) as it is. */
export function readings(text) {
  const isRfc = (source) => /^RFC \d+( §[\d.]+)?$/.test(source);
  const all = text.split(/;\s*/).filter(Boolean);
  if (!all.length) return null;
  const one = (source, n) => [n ? " · " : "", isRfc(source) ? sources([source]) : source];
  return h("p", { class: "s-caption" }, all.map(one));
}
