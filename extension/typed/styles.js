/**
 * Firefox: options of `image-set()` by their type, which the browser passes over. Once the page is there its styles are looked
 * at; the type of an option whose picture can be had is taken away, so that the browser chooses it.
 */

{
  const AFTER_LOAD_MS = 200;
  const OPTION = /url\(\s*("(?:[^"\\]|\\.)*")\s*\)([^,]*?)\s*type\("(?:image|application)\/x-sdz"\)/;

  /** @param {CSSStyleSheet | CSSGroupingRule} sheet @param {string} base */
  function lookInto(sheet, base) {
    let rules;
    try {
      rules = sheet.cssRules;
    } catch {
      return; // another origin's
    }
    for (const rule of rules) {
      if (rule instanceof CSSStyleRule) offered(rule.style, base);
      if ("cssRules" in rule) lookInto(/** @type {CSSGroupingRule} */ (rule), base);
    }
  }

  /** @param {CSSStyleDeclaration} style @param {string} base */
  function offered(style, base) {
    if (!style.cssText.includes("/x-sdz")) return;
    for (const name of style) {
      const found = OPTION.exec(style.getPropertyValue(name));
      if (!found?.[1]) continue;
      const probe = new Image();
      probe.onload = () => {
        const value = style.getPropertyValue(name).replace(OPTION, "url($1)$2");
        style.setProperty(name, value, style.getPropertyPriority(name));
      };
      probe.src = new URL(JSON.parse(found[1]), base).href;
    }
  }

  function look() {
    for (const sheet of document.styleSheets) {
      const { href, ownerNode } = sheet;
      if (href || ownerNode?.textContent?.includes("/x-sdz")) lookInto(sheet, href ?? document.baseURI);
    }
    for (const element of document.querySelectorAll("[style*='/x-sdz']")) {
      if (element instanceof HTMLElement) offered(element.style, element.baseURI);
    }
  }

  addEventListener("load", () => setTimeout(look, AFTER_LOAD_MS), { once: true });
}
