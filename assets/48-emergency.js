/* Emergencies: the stream says which are under way in the viewer's areas; the wall takes on their frame, and turns to
   one of them: a screen by itself, a person's wall when they say so, until it ends. Who may publishes one right here. */
(function () {
  "use strict";
  const shell = window.shell, room = window.mapRoom;
  /* Before the address is written anew; a number says which of several. */
  const [, asks, wanted] = /^(emergency)(?::(\d+))?$/.exec(new URLSearchParams(location.search).get("layout") || "") || [];
  const MINUTE_MS = 60000; /* so often forces are asked for anew, which move without a word */
  /* What somebody chose: true, false, or null, which leaves it to the screen. */
  const emergency = {chosen: asks ? true : null, hear, on: () => turned !== null, layout: () => (emergency.chosen ? "emergency" + (picked ? ":" + picked : "") : "")};
  shell.emergency = emergency;
  let picked = Number(wanted) || null; /* of several the one that somebody chose */
  let told = [], mark = "", turned = null, asked = "";

  function hear(found, tasks) {
    if (!found) return;
    told = found;
    mark = tasks;
    if (!told.length) emergency.chosen = picked = null; /* it ended: of the next one nothing was said */
    show();
  }
  function show() {
    const line = document.querySelector(".emergency"), page = document.querySelector(".page--wall");
    if (!line || !page) return;
    const first = told.find((one) => one.id === picked) || told[0];
    if (line.hidden !== !first) line.hidden = !first;
    page.classList.toggle("is-emergency", Boolean(first));
    turn(first && (emergency.chosen ?? Boolean(line.dataset.turns || shell.isKiosk?.())) ? first : null, page);
    if (!first) return;
    const choice = line.querySelector(".emergency__pick");
    if (choice) offer(choice, first);
    const more = told.length > 1 && !choice ? line.dataset.more.replace("{n}", told.length - 1) : "";
    const text = line.dataset.emergency.replace("{title}", () => (choice && told.length > 1 ? "" : first.title)) + more;
    if (line.firstElementChild.textContent !== text) line.firstElementChild.textContent = text;
    const button = line.querySelector("[data-act=emergency-layout]");
    if (!button) return;
    const words = turned === null ? button.dataset.on : button.dataset.back;
    if (button.textContent !== words) button.textContent = words;
  }

  function offer(choice, first) {
    choice.hidden = told.length < 2;
    const known = [...choice.options].map((option) => option.value + option.textContent).join("\n");
    if (known !== told.map(({id, title}) => id + title).join("\n")) {
      choice.replaceChildren(...told.map(({id, title}) => Object.assign(document.createElement("option"), {value: id, textContent: title})));
    }
    if (choice.value !== String(first.id)) choice.value = first.id;
  }
  document.addEventListener("change", (event) => {
    if (!event.target.matches?.(".emergency__pick")) return;
    pick(Number(event.target.value));
  });
  function pick(id) {
    picked = id;
    show();
    history.replaceState(history.state, "", shell.address());
  }

  /* ---- publishing: the form is made when its key is pressed, with the area that the wall shows ---- */
  let opened = 0;
  function unfold(open) {
    const panel = document.querySelector(".publish"), key = document.querySelector(".tools [data-act=publish]");
    if (!panel || !key) return;
    panel.hidden = !open;
    key.setAttribute("aria-pressed", String(open));
    if (!open) { key.focus(); return; }
    const first = () => panel.querySelector("select")?.focus();
    if (panel.querySelector(".publish__form")) { first(); return; } /* what somebody wrote stays until it is sent */
    const made = new MutationObserver(() => { made.disconnect(); first(); });
    made.observe(panel, {childList: true, subtree: true});
    const {view, selection} = shell.state;
    window.dash_clientside.set_props("shell-publishing", {data: {n: ++opened, area: selection?.kind === "area" ? selection.code : view.area}});
  }
  shell.acts.publish = () => unfold(document.querySelector(".publish").hidden);
  shell.acts["emergency-publish"] = async (button) => {
    const form = button.closest(".publish__form"), line = form.querySelector(".publish__said");
    const tell = (text) => { line.textContent = text; };
    button.disabled = true;
    tell("");
    try {
      const answer = await fetch("/api/emergencies?lang=" + shell.state.view.lang, {method: "POST",
        headers: {"Content-Type": "application/json"}, body: JSON.stringify(shell.said(form)), signal: AbortSignal.timeout(20000)});
      const found = await answer.json();
      if (!answer.ok) { tell(found.text || found.error || button.dataset.failed); return; }
      unfold(false);
      window.dash_clientside.set_props("wall-publish", {tree: null}); /* the next one begins with an empty form */
      emergency.chosen = true;
      pick(found.id);
    } catch (error) {
      tell(`${button.dataset.failed} (${error.message})`);
    } finally {
      button.disabled = false;
    }
  };

  /* ---- the layout ---- */
  function turn(first, page) {
    const id = first ? first.id : null, changed = id !== turned;
    turned = id;
    page.classList.toggle("is-emergency-layout", id !== null);
    const next = id === null ? null : {id, mark, minute: Math.floor(performance.now() / MINUTE_MS)}, text = JSON.stringify(next);
    if (text === asked && !changed) return;
    asked = text;
    window.dash_clientside.set_props("shell-emergency", {data: next});
    if (changed && shell.state.view) window.dispatchEvent(new Event("resize")); /* what the panels leave free has changed */
  }
  shell.acts["emergency-layout"] = () => {
    emergency.chosen = turned === null;
    show();
    history.replaceState(history.state, "", shell.address());
  };
  /* One key returns and writes the report: who may end it is led there. */
  shell.acts["emergency-end"] = async (button) => {
    const {number} = button.dataset, line = document.querySelector(".emergency");
    button.disabled = true;
    try {
      const answer = await fetch(`/emergency/${number}/end`, {method: "POST", signal: AbortSignal.timeout(20000)});
      if (!answer.ok) throw new Error(String(answer.status));
      shell.leave(`/emergency/${number}?lang=${shell.state.view.lang}`);
    } catch (error) {
      button.disabled = false;
      window.dash_clientside.set_props("wall-failure", {children: line.dataset.failed.replace("{why}", error.message)});
    }
  };

  /* ---- its ground: borders on a sheet over the map, which costs no picture of the map ---- */
  let rings = [], fitted = null;
  function ground(data) {
    rings = data?.rings || [];
    if (data && fitted !== data.id) fit(data.id);
    if (!data) fitted = null;
    soon?.();
  }
  /* Once, when the wall turns: the areas stand in the picture; then the camera is the hand's again. */
  function fit(id) {
    const points = rings.flat();
    if (!points.length || !room) return;
    if (!room.isPlaced() || !room.state.opened) { setTimeout(() => { if (turned === id && fitted !== id) fit(id); }, 200); return; }
    fitted = id;
    const of = (k, pick) => points.reduce((best, one) => pick(best, one[k]), points[0][k]);
    room.fit([of(0, Math.min), of(1, Math.min), of(0, Math.max), of(1, Math.max)]);
  }
  const soon = room?.sheet("ground", (pen, project) => {
    if (!rings.length || turned === null) return false;
    pen.beginPath();
    rings.forEach((ring) => ring.forEach((place, i) => pen[i ? "lineTo" : "moveTo"](...project(place))));
    pen.lineJoin = "round";
    for (const [width, opacity] of [[9, 0.35], [2.5, 1]]) {
      pen.strokeStyle = `rgb(255 77 79 / ${opacity})`;
      pen.lineWidth = width * room.scale();
      pen.stroke();
    }
    return true;
  });
  window.dash_clientside = Object.assign({}, window.dash_clientside, {emergency: {ground}});
})();
