/* The seat: from which centre the wall is looked at. The page says which one the server gave it; whatever is
   asked of the server names it, and another one is another document. */
(function () {
  "use strict";
  const shell = window.shell;
  const HEADER = "X-Seat";
  shell.seat = () => document.querySelector(".page")?.dataset.seat || "";

  const plainFetch = window.fetch;
  window.fetch = (input, options = {}) => {
    const url = new URL(input?.url || input, location.href), seat = shell.seat();
    if (!seat || url.origin !== location.origin) return plainFetch(input, options);
    const headers = new Headers(options.headers || input?.headers || {});
    headers.set(HEADER, seat);
    return plainFetch(input, {...options, headers});
  };

  /* The part of another centre: its own area instead of the one chosen here, the same window, layers and moment. */
  shell.acts.seat = (button) => {
    const url = new URL(shell.address(), location.href);
    ["area", "areas", "departments", "sel", "camera", "seat"].forEach((name) => url.searchParams.delete(name));
    if (button.dataset.value) url.searchParams.set("seat", button.dataset.value);
    location.assign(url.pathname + url.search.replaceAll("%2C", ",").replaceAll("%3A", ":"));
  };

  /* A theme brings its own part of the cases and its layers. */
  shell.acts.topic = (button) => {
    const url = new URL(shell.address(), location.href);
    [...shell.SETS.filter((name) => name !== "areas"), "layers", "sel", "topic"].forEach((name) => url.searchParams.delete(name));
    if (button.dataset.value) url.searchParams.set("topic", button.dataset.value);
    location.assign(url.pathname + url.search.replaceAll("%2C", ",").replaceAll("%3A", ":"));
  };

  const make = (tag, name, text) => Object.assign(document.createElement(tag), {className: name, textContent: text ?? ""});
  function choice(one, here) {
    const button = make("button", "check", "");
    Object.assign(button, {type: "button"});
    Object.assign(button.dataset, {act: "seat", value: one.seat});
    button.setAttribute("role", "radio");
    button.setAttribute("aria-checked", String(one.seat === here));
    const dot = make("span", "dot");
    dot.setAttribute("aria-hidden", "true");
    button.append(dot, one.name);
    const root = make("div", "tree");
    root.append(button);
    if (one.below.length) {
      const more = make("details", "tree__more"), open = make("summary", "tree__open"), below = make("div", "tree__below");
      open.append(make("span", "unseen", one.name));
      more.append(open, below);
      const grow = () => { if (!below.childElementCount) below.append(...one.below.map((leaf) => choice(leaf, here))); };
      more.addEventListener("toggle", () => { if (more.open) grow(); });
      if (one.below.some((leaf) => leaf.seat === here)) more.open = true;
      root.append(more);
    }
    return root;
  }
  document.addEventListener("toggle", async (event) => {
    const place = event.target.open && event.target.querySelector?.(":scope > [data-seats]");
    if (!place || place.dataset.grown) return;
    place.dataset.grown = "1";
    try {
      const answer = await fetch(`/api/seats?lang=${place.dataset.lang}`);
      if (!answer.ok) throw new Error(String(answer.status));
      const found = await answer.json();
      place.replaceChildren(...found.tiers.flatMap((tier) => [make("div", "tree__title", tier.name),
        ...tier.seats.map((one) => choice(one, place.dataset.seats))]), make("p", "quiet seats__note", found.note));
    } catch (error) {
      delete place.dataset.grown;
      place.replaceChildren(make("p", "quiet", `${place.dataset.failed} (${error.message})`));
    }
  }, true);
})();
