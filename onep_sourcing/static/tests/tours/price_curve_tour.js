import { registry } from "@web/core/registry";

const curve = ".o_onep_price_curve";

/** The chart of the page, as Chart.js knows it. */
function getChart() {
    // eslint-disable-next-line no-undef
    return Chart.getChart(document.querySelector(`${curve} canvas`));
}

/**
 * The form of an offer draws its price; absences and what no file confirmed are told in words.
 *
 * @param {string} price, absent: their names in the user's language
 * @param {string} lowest, highest: as the summary writes them, without their currency
 */
function getSteps(price, absent, lowest, highest) {
    return [
        { trigger: `${curve} canvas` },
        { trigger: `${curve} [data-state='listed']:contains('${price}')` },
        { trigger: `${curve} [data-state='absent']:contains('${absent}')` },
        { trigger: `${curve}_summary:contains('${lowest}'):contains('${highest}')` },
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
        {
            content: "the changes stand below, each with the file that said so",
            trigger: ".o_field_widget[name='history_ids'] .o_data_row:contains('tarif-4.csv')",
        },
    ];
}

const tours = registry.category("web_tour.tours");
tours.add("onep_sourcing_price_curve_fr", {
    steps: () => getSteps("Prix", "Absent du catalogue", "9,00", "10,50"),
});
tours.add("onep_sourcing_price_curve_en", {
    steps: () => getSteps("Price", "Not in the catalogue", "9.00", "10.50"),
});
tours.add("onep_sourcing_offer_changes", {
    steps: () => [{ trigger: ".o_list_view .o_view_nocontent_smiling_face, .o_list_view .o_data_row" }],
});
