/*
 * Figures that the reader can move, on the static site.
 *
 * The contract with bncourse.movable, whose output in the built book is
 *
 *   <div class="movable">
 *     <script type="application/json">a Vega-Lite specification</script>
 *     <div class="movable-still">a still picture</div>
 *   </div>
 *
 * - When such a figure is near (when-near.js), Vega (vega-embed.js beside this file) is loaded, once a page, and draws
 *   the specification as SVG in place of the still picture. Without scripts, or if Vega fails, the picture stays.
 * - Parameters bound to inputs become a form under the chart; their number is known before, so the room for it is kept
 *   and nothing jumps.
 * - A chart may have the width "container".
 * - The figure then has the class "drawn" and carries Vega's view as its property `view`, for tests.
 * - Colours and inputs are styled by what the figure brings along; they follow the page's color-scheme, so the theme can
 *   change without drawing anew.
 */
(() => {
  "use strict";

  function specificationOf(figure) {
    return JSON.parse(figure.querySelector('script[type="application/json"]').textContent);
  }

  async function draw(figure) {
    await loadScript("vega-embed.js");
    const drawing = document.createElement("div");
    drawing.className = "movable-drawing";
    figure.append(drawing); // before it is drawn, because it may ask how wide it can be
    const { view } = await window.vegaEmbed(drawing, specificationOf(figure), {
      renderer: "svg",
      actions: false,
      defaultStyle: false,
    });
    figure.querySelector(".movable-still").remove();
    figure.view = view;
    figure.classList.add("drawn");
  }

  for (const figure of document.querySelectorAll(".movable")) {
    const inputs = (specificationOf(figure).params ?? []).filter((parameter) => parameter.bind?.input);
    figure.style.setProperty("--inputs", inputs.length);
    whenNear(figure, draw);
  }
})();
