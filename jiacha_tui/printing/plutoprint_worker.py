"""HTML from standard input to PDF on standard output, by PlutoPrint. Run as a program of its own.

In a process of its own it can be given a time limit and fonts, and what goes wrong in it stays in it.
"""

import sys

import plutoprint


class BlockingFetcher(plutoprint.ResourceFetcher):
    """The form is whole as it comes: whatever it seems to ask for, no file and no address is opened."""

    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        raise PermissionError(url)


def main() -> None:
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4.landscape(), plutoprint.PAGE_MARGINS_NONE)
    book.custom_resource_fetcher = BlockingFetcher()
    book.load_html(sys.stdin.buffer.read().decode("utf-8"))
    book.write_to_pdf_stream(sys.stdout.buffer)


if __name__ == "__main__":
    main()
