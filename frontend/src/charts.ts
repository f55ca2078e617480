// data-behaviour="chart" data-chart="#id": draws the ECharts option in the JSON of `#id` (Django's json_script).
// Loaded only on pages with a chart. The element needs role="img" and an aria-label; a table beside it says the same.

import { BarChart, LineChart, ScatterChart } from "echarts/charts";
import {
  AriaComponent,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TooltipComponent,
} from "echarts/components";
import * as echarts from "echarts/core";
import { SVGRenderer } from "echarts/renderers";

echarts.use([
  AriaComponent,
  BarChart,
  DatasetComponent,
  GridComponent,
  LegendComponent,
  LineChart,
  MarkLineComponent,
  ScatterChart,
  SVGRenderer,
  TooltipComponent,
]);

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** The house's colours in the order: us, customer, settled, lost. `{token}` strings in an option are looked up too. */
function coloured(value: unknown): unknown {
  if (typeof value === "string") return /^\{[a-z-]+\}$/.test(value) ? token(value.slice(1, -1)) : value;
  if (Array.isArray(value)) return value.map(coloured);
  if (value && typeof value === "object") {
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, coloured(inner)]));
  }
  return value;
}

function axis(): object {
  const line = { lineStyle: { color: token("line") } };
  return { axisLine: line, axisTick: line, splitLine: line, axisLabel: { color: token("mute") } };
}

function base(): Record<string, unknown> {
  return {
    color: [token("us"), token("customer"), token("settled"), token("lost")],
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: token("ink") },
    grid: { left: 8, right: 12, top: 32, bottom: 8 },
    tooltip: {
      trigger: "axis",
      renderMode: "richText",
      backgroundColor: token("card"),
      borderColor: token("line"),
      textStyle: { color: token("ink") },
    },
    legend: { textStyle: { color: token("ink") }, top: 0, bottom: "auto", left: "left", icon: "roundRect" },
  };
}

/** The given option over the house's: parts that both have are laid over each other, axes get the house's lines. */
function housed(option: Record<string, unknown>): Record<string, unknown> {
  const house = base();
  const merged: Record<string, unknown> = { ...house, ...option };
  for (const name of ["grid", "legend", "tooltip"]) {
    const given = option[name];
    if (given && !Array.isArray(given)) merged[name] = { ...(house[name] as object), ...(given as object) };
  }
  if (!("legend" in option)) delete merged.legend;
  for (const name of ["xAxis", "yAxis"]) {
    const given = option[name];
    if (Array.isArray(given)) merged[name] = given.map((each) => ({ ...axis(), ...(each as object) }));
    else if (given) merged[name] = { ...axis(), ...(given as object) };
  }
  return merged;
}

export function draw(element: HTMLElement): void {
  const source = document.querySelector(element.dataset.chart ?? "");
  if (!source?.textContent) return;
  const given = JSON.parse(source.textContent) as Record<string, unknown>;
  const chart = echarts.init(element, null, { renderer: "svg" });
  const paint = (): void => {
    chart.setOption(housed(coloured(given) as Record<string, unknown>), true);
  };
  paint();
  new ResizeObserver(() => chart.resize()).observe(element);
  document.addEventListener("theme:changed", () => {
    if (element.isConnected) paint();
    else chart.dispose();
  });
}
