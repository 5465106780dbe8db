"""What others wrote for readers: web pages and feeds as Beautiful Soup, lxml, Scrapy and feedparser give them."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import PEER, call, library, methods

_PAGES = library(
    "web pages",
    calls=(
        # A page parses whatever it holds; its text is what fails later, where it becomes a number.
        call("bs4.BeautifulSoup", returns="bs4.Tag"),
        methods("bs4.Tag", "find select_one find_next find_previous find_parent find_next_sibling", returns="bs4.Tag"),
        methods("bs4.Tag", "find_all select __call__ findAll find_next_siblings find_parents", returns="[bs4.Tag]"),
        methods("bs4.Tag", "children descendants contents next_siblings", returns="[bs4.Tag]"),
        methods("bs4.Tag", "text string get_text getText strings stripped_strings get", returns="outside"),
        call("bs4.Tag.*", returns="bs4.Tag"),
        methods("lxml.html", "fromstring document_fromstring", "lxml.etree.LxmlError", PEER, "0", "lxml.etree.Element"),
        methods("lxml.etree", "fromstring XML", "lxml.etree.LxmlError", PEER, "0 text", "lxml.etree.Element"),
        methods("lxml.etree.Element", "xpath cssselect findall iter iterfind", returns="[lxml.etree.Element]"),
        methods("lxml.etree.Element", "find getparent getnext", returns="lxml.etree.Element"),
        methods("lxml.etree.Element", "text tail text_content findtext get", returns="outside"),
        methods("scrapy.http.Response", "css xpath", returns="scrapy.Selector"),
        methods("scrapy.Selector", "css xpath", returns="scrapy.Selector"),
        call("scrapy.Selector[]", returns="scrapy.Selector"),
        methods("scrapy.Selector", "get getall extract extract_first re re_first", returns="outside"),
        methods("scrapy.http.Response", "text body headers", returns="outside"),
        call("scrapy.http.Response.json", "json.JSONDecodeError", PEER, returns="outside"),
    ),
    aliases="""
        bs4.element.Tag = bs4.Tag
        bs4.Tag.find_all_next = bs4.Tag.find_all
        lxml.etree._Element lxml.html.HtmlElement = lxml.etree.Element
        scrapy.http.TextResponse scrapy.http.HtmlResponse scrapy.http.response.Response = scrapy.http.Response
        scrapy.http.XmlResponse scrapy.http.response.html.HtmlResponse = scrapy.http.Response
        scrapy.selector.Selector scrapy.selector.SelectorList parsel.Selector = scrapy.Selector
    """,
)

_FEEDS = library(
    "feeds",
    calls=(
        # It never raises; what is wrong with a feed stands in its `bozo`, and any key of an entry may be missing.
        call("feedparser.parse", returns="feedparser.FeedParserDict"),
        call("feedparser.FeedParserDict.entries", returns="[feedparser.entry]"),
        call("feedparser.FeedParserDict[]", returns="[feedparser.entry]"),
        call("feedparser.entry[] feedparser.entry.*", returns="outside"),
        methods("feedparser.entry", "published_parsed updated_parsed created_parsed expired_parsed"),
    ),
    aliases="""
        feedparser.util.FeedParserDict = feedparser.FeedParserDict
    """,
)

LIBRARIES = (_PAGES, _FEEDS)
