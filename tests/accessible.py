"""What of a page some readers cannot use: axe-core's word, in light and dark, on a phone and on a wide screen."""

LOOKS = [(mode, *size) for mode in ("light", "dark") for size in ((390, 844), (1440, 900))]


def complaints(page, address, prepare=lambda page: None):
    """Open an address in every look, prepare the page; say what axe-core complains about, a line for each element."""
    from axe_playwright_python.sync_playwright import Axe

    found = []
    for mode, width, height in LOOKS:
        page.emulate_media(color_scheme=mode)
        page.set_viewport_size({"width": width, "height": height})
        page.goto(address)
        prepare(page)
        for rule in Axe().run(page, options={"resultTypes": ["violations"]}).response["violations"]:
            found += [f"{mode} {width}: {rule['id']} {node['target']}" for node in rule["nodes"]]
    return found
