/* Photos of a case: a file is chosen, sent as it is, and the card shows it. */
(function () {
  "use strict";
  const shell = window.shell;
  const LONGEST = 10e6;
  let sent = 0;

  shell.acts["add-photo"] = (element) => {
    const chooser = document.createElement("input");
    chooser.type = "file";
    chooser.accept = element.dataset.accept;
    chooser.multiple = true;
    chooser.addEventListener("change", () => send([...chooser.files], element));
    chooser.click();
  };

  /* One after the other: the server draws each anew. */
  async function send(files, element) {
    const {sending, sent: done} = element.dataset;
    element.disabled = true;
    let fault = "", arrived = 0;
    for (let k = 0; k < files.length && !fault; k++) {
      tell(sending.replace("{n}", k + 1).replace("{of}", files.length));
      fault = await one(files[k], element.dataset);
      if (!fault) arrived++;
    }
    element.disabled = false;
    const say = () => tell(fault || done, Boolean(fault));
    say();
    if (!arrived) return;
    /* the card is drawn anew; what was told is told once more in it */
    const drawn = new MutationObserver(() => { drawn.disconnect(); say(); });
    drawn.observe(document.getElementById("wall-side"), {childList: true, subtree: true});
    window.dash_clientside.set_props("shell-photos", {data: ++sent});
  }
  async function one(file, {case: number, failed, large}) {
    if (file.size > LONGEST) return `${file.name}: ${large}`;
    const lang = shell.state.view?.lang || "zh";
    try {
      const answer = await fetch(`/api/cases/${encodeURIComponent(number)}/photos?lang=${lang}`, {
        method: "POST",
        body: file,
        headers: {"Content-Type": "application/octet-stream", "X-File-Name": encodeURIComponent(file.name.slice(-100))},
      });
      if (answer.ok) return "";
      const said = await answer.json();
      return `${file.name}: ${said.text || failed}`;
    } catch (error) {
      return `${file.name}: ${failed}`;
    }
  }

  function tell(text, bad) {
    document.querySelectorAll("[data-photo-state]").forEach((element) => {
      element.textContent = text;
      element.classList.toggle("is-bad", Boolean(bad));
    });
  }
})();
