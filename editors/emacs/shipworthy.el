;;; shipworthy.el --- Shipworthy's server for eglot  -*- lexical-binding: t; -*-

;; Package-Requires: ((emacs "29.1"))
;; SPDX-License-Identifier: Apache-2.0

;;; Commentary:

;; (load "/path/to/editors/emacs/shipworthy")
;; (add-hook 'python-mode-hook #'eglot-ensure)
;;
;; eglot has one server for a buffer.  This file makes Shipworthy that server; to keep another one
;; beside it, give eglot a multiplexer that speaks to both.

;;; Code:

(require 'eglot)

(defgroup shipworthy nil
  "Findings between code that runs and code that is ready for production."
  :group 'tools)

(defcustom shipworthy-command '("shipworthy-server")
  "The command that starts the server."
  :type '(repeat string))

(defcustom shipworthy-modes
  '(python-mode python-ts-mode js-mode js-ts-mode js-jsx-mode typescript-mode typescript-ts-mode tsx-ts-mode)
  "The major modes whose buffers are checked."
  :type '(repeat symbol))

(add-to-list 'eglot-server-programs
             (cons shipworthy-modes (lambda (&rest _) shipworthy-command)))

(provide 'shipworthy)

;;; shipworthy.el ends here
