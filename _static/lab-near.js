// Loads the laboratory's script on a page that has a small one, when that is near; the Lab's own page links it itself.

for (const laboratory of document.querySelectorAll(".lab")) whenNear(laboratory, () => loadScript("lab.js"));
