/** Rules for the extension's own code; types are tsc's part. */

import js from "@eslint/js";
import globals from "globals";

const own = ["decoder/**", "publish/**", "background/**", "shared/**", "viewer/**", "frame/**", "popup/**", "options/**", "pair/**", "welcome/**"];

export default [
  { ignores: ["node_modules/**"] },
  js.configs.recommended,
  {
    files: ["**/*.js"],
    languageOptions: { ecmaVersion: 2023, sourceType: "module" },
    rules: {
      eqeqeq: "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-eval": "error",
      "no-implied-eval": "error",
      "no-restricted-syntax": [
        "error",
        ...["AssignmentExpression[left.property.name=/^(inner|outer)HTML$/]", "CallExpression[callee.property.name='insertAdjacentHTML']"].map(
          (selector) => ({ selector, message: "What comes from pages or files must never become HTML: set text, make elements." }),
        ),
      ],
    },
  },
  { files: own.map((folder) => `${folder}/*.js`), languageOptions: { globals: { ...globals.browser, chrome: "readonly", sdzGiveUp: "readonly" } } },
  {
    // Classic scripts of one namespace.
    files: ["content/**/*.js", "typed/**/*.js", "dashboard/**/*.js"],
    languageOptions: { sourceType: "script", globals: { ...globals.browser, chrome: "readonly", sdz: "readonly", sdzGiveUp: "readonly" } },
  },
  { files: ["tests/**/*.js", "eslint.config.js"], languageOptions: { globals: globals.node } },
];
