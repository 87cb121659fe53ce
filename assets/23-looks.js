/* Figures come in pixels of the reference screen and with the names of the tokens for colours. */
(function () {
  "use strict";
  const SIZES = new Set(["size", "height", "thickness", "l", "r", "t", "b"]);

  /* The figure in sizes of this screen and colours of its theme. */
  function scaled(value, key, factor, look) {
    if (Array.isArray(value)) return value.map((item) => scaled(item, key === "data" ? null : key, factor, look));
    if (value && typeof value === "object") {
      return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, scaled(inner, name, factor, look)]));
    }
    if (typeof value === "string" && value.startsWith("--")) return look.getPropertyValue(value).trim();
    return typeof value === "number" && SIZES.has(key) ? value * factor : value;
  }
  window.looks = {scaled};
})();
