"""Reads HTML from standard input and writes a PDF to standard output, with PlutoPrint. Run as a separate program.

In a separate process it has a time limit and its own fonts, and a crash does not end `jiacha`.
"""

import sys

import plutoprint


class BlockingFetcher(plutoprint.ResourceFetcher):
    """Refuses to load anything: the document is complete, and no file or address in it may be opened."""

    def fetch_url(self, url: str) -> plutoprint.ResourceData:
        raise PermissionError(url)


def main() -> None:
    """Makes the PDF. An exception ends the process with another exit code than 0."""
    book = plutoprint.Book(plutoprint.PAGE_SIZE_A4.landscape(), plutoprint.PAGE_MARGINS_NONE)
    book.custom_resource_fetcher = BlockingFetcher()
    book.load_html(sys.stdin.buffer.read().decode("utf-8"))
    book.write_to_pdf_stream(sys.stdout.buffer)


if __name__ == "__main__":
    main()
