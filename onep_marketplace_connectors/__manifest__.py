{
    "name": "1UP Marketplace Connectors",
    "summary": "What an EAN sells for on Amazon, Fnac and Cdiscount, at the pace they allow",
    "version": "19.0.1.0.0",
    "category": "Sales/Sourcing",
    "author": "1UP Sourcing",
    "website": "https://github.com/1up-sourcing/1up-sourcing",
    "license": "AGPL-3",
    "depends": ["mail", "queue_job"],
    "external_dependencies": {
        "python": [
            "cryptography",
            "httpx",
            "lxml",
            "numpy",
            "pandas",
            "pyarrow",
            "python-amazon-sp-api",
            "rapidfuzz",
            "redis",
        ],
    },
    "data": [
        "security/onep_marketplace_connectors_groups.xml",
        "security/ir.model.access.csv",
        "security/onep_marketplace_connectors_rules.xml",
        "data/queue_job_channel_data.xml",
        "data/queue_job_function_data.xml",
        "views/onep_marketplace_offer_views.xml",
        "views/onep_market_sync_views.xml",
        "views/onep_marketplace_views.xml",
        "wizards/onep_market_lookup_views.xml",
        "views/onep_marketplace_connectors_menus.xml",
    ],
    "demo": [
        "demo/onep_marketplace_demo.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "onep_marketplace_connectors/static/src/**/*",
        ],
        "web.assets_tests": [
            "onep_marketplace_connectors/static/tests/tours/*",
        ],
    },
    "uninstall_hook": "uninstall_hook",
}
