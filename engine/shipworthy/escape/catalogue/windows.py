"""What a person types into a program's windows and prompts: tkinter, Qt, wxPython, questions in a terminal."""

from __future__ import annotations

from shipworthy.escape.catalogue.model import RARE, USER, call, classes, library, methods

_TKINTER = library(
    "tkinter",
    calls=(
        classes("tkinter.Entry tkinter.Text tkinter.StringVar tkinter.IntVar"),
        call("tkinter.Entry.get tkinter.Text.get tkinter.StringVar.get", returns="outside"),
        # A variable for numbers that is bound to an entry holds what was typed; most are bound to buttons.
        call("tkinter.IntVar.get", "tkinter.TclError", RARE),
        methods("tkinter.filedialog", "askopenfilename asksaveasfilename askdirectory", returns="outside"),
        call("tkinter.filedialog.askopenfilenames", returns="[outside]"),
        methods("tkinter.filedialog", "askopenfile asksaveasfile", "OSError", USER, returns="file"),
        call("tkinter.simpledialog.askstring", returns="outside"),
        classes("tkinter.Listbox tkinter.ttk.Treeview"),
        call("tkinter.Listbox.curselection tkinter.ttk.Treeview.selection"),
    ),
    exceptions="""
        tkinter.TclError < Exception
    """,
    aliases="""
        tkinter.ttk.Entry tkinter.ttk.Combobox tkinter.Spinbox tkinter.ttk.Spinbox = tkinter.Entry
        customtkinter.CTkEntry customtkinter.CTkComboBox ttkbootstrap.Entry = tkinter.Entry
        tkinter.scrolledtext.ScrolledText customtkinter.CTkTextbox = tkinter.Text
        tkinter.DoubleVar = tkinter.IntVar
        customtkinter.StringVar = tkinter.StringVar
        customtkinter.filedialog tkFileDialog = tkinter.filedialog
        Tkinter = tkinter
    """,
)

_FIELDS = "QLineEdit QTextEdit QPlainTextEdit"

_OTHERS = library(
    "further windows and prompts",
    calls=(
        classes(" ".join(f"PyQt6.QtWidgets.{field}" for field in _FIELDS.split())),
        *(
            methods(f"PyQt6.QtWidgets.{field}", "text toPlainText currentText", returns="outside")
            for field in _FIELDS.split()
        ),
        classes("PyQt6.QtWidgets.QListWidget"),
        methods("PyQt6.QtWidgets.QListWidget", "selectedItems selectedIndexes"),
        methods("PyQt6.QtWidgets.QFileDialog", "getOpenFileName getSaveFileName", returns="outside"),
        methods("PyQt6.QtWidgets.QFileDialog", "getExistingDirectory getOpenFileNames", returns="outside"),
        methods("PyQt6.QtWidgets.QInputDialog", "getText getMultiLineText", returns="outside"),
        classes("wx.TextCtrl"),
        call("wx.TextCtrl.GetValue", returns="outside"),
        call("click.open_file", "OSError", USER, depends_on="0 filename", returns="file"),
        call("rich.prompt.Prompt.ask prompt_toolkit.prompt prompt_toolkit.PromptSession.prompt", returns="outside"),
        classes("prompt_toolkit.PromptSession"),
        methods("questionary", "text path password", returns="questionary.Question"),
        call("questionary.Question.ask", returns="outside"),
    ),
    aliases="""
        PyQt6.QtWidgets.QTableWidget PyQt6.QtWidgets.QTreeWidget = PyQt6.QtWidgets.QListWidget
        PyQt6.QtWidgets.QTableView PyQt6.QtWidgets.QTreeView = PyQt6.QtWidgets.QListWidget
        PyQt5.QtWidgets PySide6.QtWidgets PySide2.QtWidgets qtpy.QtWidgets = PyQt6.QtWidgets
        prompt_toolkit.shortcuts = prompt_toolkit
    """,
)

LIBRARIES = (_TKINTER, _OTHERS)
