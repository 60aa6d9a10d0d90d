from playwright.sync_api import expect
import pytest
SRC = {"comparison":"smtp.compare(250, 551)","player":"smtp.session('mixed-recipients').play()","explorer":"smtp.explorer(551)","policy":"smtp.policy_explorer()"}
import os
KINDS = os.environ.get("KINDS","comparison,player,explorer,policy").split(",")
WIDTHS = [int(w) for w in os.environ.get("WIDTHS","1280,600,360").split(",")]
@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("kind", KINDS)
def test_see(lab, kind, width):
    lab.open(lab.notebook(["import smtpedu as smtp\n"+SRC[kind]]), width=width)
    lab.run_all()
    w = lab.page.locator(f".smtpedu-{kind}")
    expect(w).to_be_visible()
    print(kind, width, w.evaluate("""r => [r.getBoundingClientRect().width, r.getBoundingClientRect().height, r.scrollWidth, r.clientWidth, [...r.querySelectorAll("*")].filter(n => n.getBoundingClientRect().right > r.getBoundingClientRect().left + r.clientWidth+1).map(n => n.className || n.tagName).slice(0,12)]"""))
    w.screenshot(path=f"/tmp/h/a/lab-{kind}-{width}.png")
