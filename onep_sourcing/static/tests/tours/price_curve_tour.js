import { registry } from "@web/core/registry";

const curve = ".o_onep_price_curve";

/** The chart of the page, as Chart.js knows it. */
function getChart() {
    // eslint-disable-next-line no-undef
    return Chart.getChart(document.querySelector(`${curve} canvas`));
}

// The form of an offer draws its price; absences and what no file confirmed are told in words.
registry.category("web_tour.tours").add("onep_sourcing_price_curve", {
    steps: () => [
        { trigger: `${curve} canvas` },
        { trigger: `${curve} [data-state='listed']:contains('Prix')` },
        { trigger: `${curve} [data-state='absent']:contains('Absent du catalogue')` },
        {
            content: "the lowest, the highest and the last price, as a French buyer writes them",
            trigger: `${curve}_summary:contains('plus bas 9,00'):contains('plus haut 10,50')`,
        },
        {
            content: "the line stops where the article was absent",
            trigger: `${curve} canvas`,
            run() {
                const [listed, unconfirmed] = getChart().data.datasets;
                const drawn = listed.data.map((point) => point.y);
                const expected = [10, 10, 9, 9, null, null, 10.5, 10.5, null, null];
                if (JSON.stringify(drawn) !== JSON.stringify(expected)) {
                    throw new Error(`the line goes through ${JSON.stringify(drawn)}`);
                }
                if (unconfirmed.data.at(-1).y !== 10.5) {
                    throw new Error("the last known price does not go on, dashed");
                }
            },
        },
    ],
});
