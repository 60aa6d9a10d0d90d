/** What each digit of a code says, one after the other. */
export function digitTexts(code, t) {
  const [first, second] = String(code);
  return [t(`severity.${first}`), t(`category.${second}`, {}, "category.4"), t("digit.third")];
}
