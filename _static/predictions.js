// Makes choices of the list in a prediction. What is chosen is kept by the reader's own browser and sent nowhere.

(() => {
  const KEY = "bncourse:predictions";

  function load() {
    try {
      const kept = JSON.parse(localStorage.getItem(KEY));
      return kept && typeof kept === "object" ? kept : {};
    } catch {
      return {}; // nothing may be kept here, or something else was
    }
  }

  /** Keep a choice under its question, or forget it. */
  function keep(question, choice) {
    const kept = load(); // another tab may have kept some since
    if (choice === null) delete kept[question];
    else kept[question] = choice;
    try {
      localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      // The choice then lasts as long as the page.
    }
  }

  function offer(quote, number) {
    const list = quote.querySelector("ul");
    const question = list.previousElementSibling;
    const key = `${document.body.dataset.page}: ${question.textContent.trim()}`;
    const name = `prediction-${number}`;
    question.id ||= name;
    list.setAttribute("role", "radiogroup");
    list.setAttribute("aria-labelledby", question.id);

    const next = document.createElement("p");
    next.className = "prediction-next";
    const status = document.createElement("span");
    status.setAttribute("role", "status");
    const clear = document.createElement("button");
    clear.type = "button";
    clear.textContent = "Clear";
    next.append(status, clear);
    list.after(next);

    const inputs = [...list.children].map((item) => {
      const input = document.createElement("input");
      Object.assign(input, { type: "radio", name, value: item.textContent.trim(), autocomplete: "off" });
      const text = document.createElement("span");
      text.append(...(item.querySelector(":scope > p") ?? item).childNodes);
      const label = document.createElement("label");
      label.append(input, text);
      item.setAttribute("role", "none");
      item.replaceChildren(label);
      return input;
    });

    function show(choice) {
      for (const input of inputs) {
        input.checked = input.value === choice;
        input.closest("li").classList.toggle("is-chosen", input.checked);
      }
      clear.hidden = !inputs.some((input) => input.checked);
      status.textContent = clear.hidden ? "Choose before you read on." : "Noted. Read on and compare.";
    }

    function choose(choice) {
      keep(key, choice);
      show(choice);
    }

    list.addEventListener("change", (event) => choose(event.target.value));
    clear.addEventListener("click", () => {
      choose(null);
      inputs[0].focus();
    });
    show(load()[key] ?? null);
  }

  document.querySelectorAll("blockquote.choices").forEach(offer);
})();
