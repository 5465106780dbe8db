"""Currency converter window (tkinter)."""
import json
import logging
import queue
import threading
import tkinter as tk
import urllib.request
from http.client import HTTPException
from tkinter import filedialog, messagebox, ttk

URL = "https://rates.example.com/latest?base=EUR"
log = logging.getLogger("rates")


def fetch():
    with urllib.request.urlopen(URL, timeout=10) as r:
        return {name: float(rate) for name, rate in json.load(r)["rates"].items()}


class App(tk.Tk):
    def __init__(self):
        super().__init__()
        self.title("Converter")
        self.rates = {"EUR": 1.0}
        self.history = []
        self.answers = queue.Queue()
        self.amount = ttk.Entry(self)
        self.amount.pack()
        self.currency = ttk.Combobox(self, values=["EUR"], state="readonly")
        self.currency.current(0)
        self.currency.pack()
        for text, command in (
            ("Convert", self.convert), ("Refresh", self.refresh), ("Save", self.save), ("Load", self.load)
        ):
            ttk.Button(self, text=text, command=command).pack()
        self.result = ttk.Label(self, text="")
        self.result.pack()
        self.after(100, self.poll)
        self.after(600_000, self.auto_refresh)

    def report_callback_exception(self, exc, val, tb):
        """tkinter calls this for whatever escapes a callback."""
        log.error("callback failed", exc_info=(exc, val, tb))
        messagebox.showerror("Converter", f"Something went wrong: {val}")

    # Downloads happen in a thread; its outcome comes back through a queue,
    # because only the main thread may touch the widgets.

    def refresh(self):
        self.result["text"] = "Loading..."
        threading.Thread(target=self._download, daemon=True).start()

    def _download(self):
        try:
            self.answers.put((fetch(), None))
        except (OSError, HTTPException, ValueError, KeyError, TypeError, AttributeError) as exc:
            log.warning("no rates", exc_info=True)
            self.answers.put((None, exc))

    def poll(self):
        try:
            rates, error = self.answers.get_nowait()
        except queue.Empty:
            pass
        else:
            if error is None:
                self.rates = rates
                self.currency["values"] = sorted(rates)
                self.result["text"] = "Rates updated"
            else:
                self.result["text"] = f"No new rates: {error}"
        self.after(100, self.poll)

    def auto_refresh(self):
        self.refresh()
        self.after(600_000, self.auto_refresh)

    def convert(self):
        try:
            value = float(self.amount.get().replace(",", "."))
        except ValueError:
            self.result["text"] = "Please type a number"
            return
        name = self.currency.get()
        rate = self.rates.get(name)
        if rate is None:
            self.result["text"] = "Please choose a currency"
            return
        text = f"{value} EUR = {value * rate:.2f} {name}"
        self.history.append(text)
        self.result["text"] = text

    def save(self):
        path = filedialog.asksaveasfilename(defaultextension=".json")
        if not path:
            return
        try:
            with open(path, "w", encoding="utf-8") as f:
                json.dump(self.history, f)
        except OSError as exc:
            messagebox.showerror("Save", f"{path}: {exc.strerror}")
        else:
            self.result["text"] = "Saved"

    def load(self):
        path = filedialog.askopenfilename()
        if not path:
            return
        try:
            with open(path, encoding="utf-8") as f:
                history = json.load(f)
            if not isinstance(history, list):
                raise ValueError("not a list of conversions")
        except (OSError, ValueError) as exc:
            messagebox.showerror("Load", f"{path} cannot be loaded: {exc}")
            return
        self.history = history
        self.result["text"] = f"{len(history)} entries"


if __name__ == "__main__":
    logging.basicConfig(filename="rates.log")
    App().mainloop()
