// Marks the chapters that the reader has read. What is marked is kept by the reader's own browser and sent nowhere.

const KEY = "bncourse:read";
const CHAPTER = /chapters\/[^/]+\.html$/;

function load() {
  try {
    return new Set(JSON.parse(localStorage.getItem(KEY)) ?? []);
  } catch {
    return new Set(); // nothing may be kept here, or something else was
  }
}

function save(read) {
  try {
    localStorage.setItem(KEY, JSON.stringify([...read]));
  } catch {
    // The marks then last as long as the page.
  }
}

/** A chapter's name within the site, whichever folder or host that lies in. */
const nameOf = (url) => new URL(url, location.href).pathname.match(CHAPTER)?.[0];

function button(text) {
  const made = document.createElement("button");
  made.type = "button";
  made.textContent = text;
  return made;
}

function start() {
  const links = [...document.querySelectorAll(".bd-sidebar-primary nav.bd-links a, .card-question a")].filter((link) =>
    CHAPTER.test(new URL(link.href).pathname),
  );
  const chapters = new Set(links.map((link) => nameOf(link.href)).filter(Boolean));
  const here = nameOf(location.href);
  const isStart = !here && links.some((link) => link.closest(".cards"));
  const article = document.querySelector("article.bd-article");
  if (!article || !(chapters.has(here) || isStart)) return mark(load());

  const box = document.createElement("div");
  box.className = "reading-progress";
  const toggle = button("Mark as read");
  const count = document.createElement("span");
  count.setAttribute("role", "status");
  const clear = button("Clear all marks");
  if (here) box.append(toggle);
  box.append(count, clear);
  article.append(box);

  function mark(read) {
    for (const link of links) {
      const isRead = read.has(nameOf(link.href));
      link.classList.toggle("is-read", isRead);
      link.querySelector(".read-mark")?.remove();
      if (isRead) {
        const sign = document.createElement("span");
        sign.className = "read-mark";
        sign.innerHTML = '<span aria-hidden="true"> ✓</span><span class="visually-hidden"> (read)</span>';
        link.append(sign);
      }
    }
  }

  let read = load();
  function show() {
    const marked = [...chapters].filter((name) => read.has(name)).length;
    count.textContent = `${marked} of ${chapters.size} chapters read`;
    clear.hidden = marked === 0;
    toggle.textContent = read.has(here) ? "Mark as unread" : "Mark as read";
    mark(read);
  }
  toggle.addEventListener("click", () => {
    read.has(here) ? read.delete(here) : read.add(here);
    save(read);
    show();
  });
  clear.addEventListener("click", () => {
    read = new Set();
    save(read);
    show();
    toggle.focus();
  });
  // Marks made in another tab show here too.
  addEventListener("storage", (event) => {
    if (event.key === KEY) {
      read = load();
      show();
    }
  });
  show();
}

start();
