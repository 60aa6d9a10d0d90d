import { h, literal, prose } from "../shared/base.js";
import { sources } from "../shared/parts.js";

/* What stands below the answers: right or not, why, and where to read it. What is said of an
   option stands in it; what is said of anything else, here. */

/** Null as long as there is nothing to say. `as` holds the question's language and direction. */
export function verdict(item, now, t, as) {
  const { said, done, right, guessed } = now;
  if (!said.length && !done) return null;
  const words = [h("strong", {}, `${title(item, now, t)}.`), " ", more(item, now, t)];
  return h("section", { class: "quiz-verdict s-fold", "aria-label": t("ask.verdict") }, [
    !isSaidAbove(item) && tries(item, now, as),
    h("p", {}, words),
    done && item.why && h("p", as, prose(item.why)),
    done && right && guessed && h("p", { class: "s-soft" }, t("ask.lucky")),
    done && readings(item.source ?? ""),
  ]);
}

function title({ kind }, { done, right, first, prediction, tries: count }, t) {
  if (kind === "open") return t("ask.compare");
  if (prediction) return t(right ? "ask.predicted_right" : "ask.predicted_other");
  if (!count) return t("ask.not_answered");
  if (right) return t(first ? "ask.right" : "ask.right_second");
  return t(done ? "ask.wrong" : "ask.try_again");
}

/** The options of an exam do not know what is said of each of several. */
function isSaidAbove({ kind, options }) {
  if (kind === "choices") return options.every(({ feedback }) => feedback !== undefined);
  return !["number", "point", "order", "classify"].includes(kind);
}

/** What is said of each try, the first one first, and nothing twice. */
function tries({ kind }, { said, earlier, given }, as) {
  const all = [...earlier, { response: given, said }];
  const rows = all.flatMap(({ response, said }, n) => said.map((text) => ({ text, response, n })));
  const isNew = (row, n) => rows.findIndex(({ text }) => text === row.text) === n;
  const told = ({ text, response, n }) => {
    const what = kind === "number" && [literal(response), ": "];
    return h("p", { ...as, class: n < earlier.length && "quiz-earlier" }, what, prose(text));
  };
  return rows.filter(isNew).map(told);
}

/** That something is missing, though not what; in the end the right answer. */
function more({ kind, options }, { given, solution, done, right, failed }, t) {
  const isMissed = (option, position) => option.right && !given.includes(position);
  if (failed && kind === "choices" && options.some(isMissed)) return t("ask.some_missing");
  if (!done || right || solution === null || !["number", "point"].includes(kind)) return "";
  const line = () => t("ask.line", { number: solution });
  return [t("ask.solution"), ": ", kind === "point" ? line() : literal(solution)];
}

/** What a screen reader hears of a form; what it said of an earlier try, it does not say again. */
export function spoken(form) {
  const missed = ".quiz-option.quiz-missed >";
  const wanted = `.quiz-given > p, ${missed} :not(label), ${missed} label > span,
    .quiz-verdict > :not(.quiz-earlier)`;
  return [...form.querySelectorAll(wanted)].map(({ textContent }) => textContent).join(" ");
}

/** Sources as links in one line, after what is `first`; what is no RFC (a teacher's book) as it is. */
export function readings(text, ...first) {
  const isRfc = (source) => /^RFC \d+( §[\d.]+)?$/.test(source);
  const one = (source) => (isRfc(source) ? sources([source]) : source);
  const all = [...first, ...text.split(/;\s*/).filter(Boolean).map(one)];
  const line = all.map((part, n) => [n ? " · " : "", part]);
  return all.length > 0 && h("p", { class: "s-caption" }, line);
}
