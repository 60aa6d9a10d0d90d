import { h, literal, prose } from "../shared/base.js";
import { sources } from "../shared/parts.js";

/* What stands below the answers: right or not, why, and where to read it. What is said of an
   option stands in it; what is said of anything else, here. */

/** Null as long as there is nothing to say. `as` holds the question's language and direction. */
export function verdict(item, now, t, as) {
  const { said, done, right, guessed } = now;
  if (!said.length && !done) return null;
  const words = [h("strong", {}, `${title(now, t)}.`), " ", more(item, now, t)];
  return h("section", { class: "quiz-verdict s-fold", "aria-label": t("ask.verdict") }, [
    isSaidAbove(item) ? null : tries(item, now, t, as),
    h("p", {}, words),
    done && item.why ? h("p", as, prose(item.why)) : null,
    done && right && guessed && h("p", { class: "s-soft" }, t("ask.lucky")),
    done && readings(item.source ?? ""),
  ]);
}

function title({ done, right, first, tries: count }, t) {
  if (!count) return t("ask.not_answered");
  if (right) return t(first ? "ask.right" : "ask.right_second");
  return t(done ? "ask.wrong" : "ask.try_again");
}

/** The options of an exam do not know what is said of each of several. */
function isSaidAbove({ kind, options }) {
  if (kind === "choices") return options.every(({ feedback }) => feedback !== undefined);
  return !["number", "point", "order", "classify"].includes(kind);
}

/** What is said of each try, the first one first. */
function tries({ kind }, { said, earlier, given }, t, as) {
  const all = [...earlier, { response: given, said }].filter((one) => one.said.length);
  return all.map((one, n) => {
    const kept = n < all.length - 1 ? "quiz-earlier" : undefined; // it was said before
    const { response } = one;
    const what = { number: literal(response), point: t("ask.line", { number: response }) }[kind];
    const when = [t(n ? "ask.second_try" : "ask.first_try"), what ? [": ", what] : ""];
    const told = one.said.map((text) => h("p", { ...as, class: kept }, prose(text)));
    return [all.length > 1 && h("h4", { class: kept }, when), told];
  });
}

/** That something is missing, though not what; in the end the right answer, where it is not marked
    among the answers. */
function more({ kind, options, lines }, { given, solution, done, right, failed }, t) {
  const isMissed = (option, position) => option.right && !given.includes(position);
  if (failed && kind === "choices" && options.some(isMissed)) return t("ask.some_missing");
  if (!done || right || solution === null || !["number", "point"].includes(kind)) return "";
  const number = [t("ask.line", { number: solution }), " "];
  const said = kind === "number" ? solution : lines.find(([line]) => line === solution)[1];
  return [`${t("ask.solution")}: `, kind === "point" ? number : "", literal(said)];
}

/** What a screen reader hears of a form; what it said of an earlier try, it does not say again. */
export function spoken(form) {
  const wanted = ".quiz-given > p, .quiz-option.quiz-missed, .quiz-verdict > :not(.quiz-earlier)";
  return [...form.querySelectorAll(wanted)].map(({ innerText }) => innerText).join(" ");
}

/** Sources as links in one line; what is no RFC (a teacher's book) as it is. */
export function readings(text) {
  const all = text.split(/;\s*/).filter(Boolean);
  const isRfc = (source) => /^RFC \d+( §[\d.]+)?$/.test(source);
  const one = (source, n) => [n ? " · " : "", isRfc(source) ? sources([source]) : source];
  return all.length > 0 && h("p", { class: "s-caption" }, all.map(one));
}
