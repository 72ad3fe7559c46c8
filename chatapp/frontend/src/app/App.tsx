import { QueryClientProvider, useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useLayoutEffect, type ReactNode } from "react";
import { BrowserRouter, Navigate, Outlet, Route, Routes, useLocation } from "react-router";
import { config } from "../api/config";
import { ApiError } from "../api/errors";
import { meQuery } from "../api/queries";
import { queryClient } from "../api/queryClient";
import { signIn } from "../api/signIn";
import { AuthPage } from "../auth/AuthPage";
import { ownPath } from "../auth/ownPath";
import { useArrival } from "../auth/tabs";
import { I18nProvider, useT, type Texts } from "../i18n";
import { ErrorBoundary } from "../ui/ErrorBoundary";
import { soon } from "../ui/late";
import { Toasts } from "../ui/Toasts";
import { ErrorPage } from "./ErrorPage";
import { NotFoundPage } from "./NotFoundPage";

const SignedIn = lazy(() => import("./SignedIn"));
const SettingsPage = lazy(() => import("../settings/SettingsPage"));
const StarredPage = lazy(soon(() => import("../chat/StarredPage")));
const SearchPage = lazy(soon(() => import("../search/SearchPage")));
const ChatPage = lazy(() => import("../chat/ChatPage"));

export function App({ texts }: { texts: Texts }): ReactNode {
  return (
    <I18nProvider initial={texts}>
      <QueryClientProvider client={queryClient}>
        <ErrorBoundary fallback={<BrokenPage />}>
          <BrowserRouter basename={`${config.basePath}/`}>
            <Pages />
          </BrowserRouter>
        </ErrorBoundary>
        <ErrorBoundary fallback={null}>
          <Toasts />
        </ErrorBoundary>
      </QueryClientProvider>
    </I18nProvider>
  );
}

function BrokenPage(): ReactNode {
  return <ErrorPage text={useT()("error.text")} />;
}

function Pages(): ReactNode {
  return (
    <Routes>
      <Route path="/login" element={<ForStrangers page={<AuthPage mode="login" />} />} />
      <Route path="/register" element={<ForStrangers page={<AuthPage mode="register" />} />} />
      <Route element={<ForSignedIn />}>
        <Route element={<ChatPage />}>
          <Route path="/" element={null} />
          <Route path="/c/:conversationId" element={null} />
          <Route path="/c/:conversationId/m/:messageId" element={null} />
        </Route>
        <Route path="/starred" element={<StarredPage />} />
        <Route path="/search" element={<SearchPage />} />
        <Route path="/settings" element={<SettingsPage />} />
      </Route>
      <Route path="*" element={<NotFoundPage />} />
    </Routes>
  );
}

/** Pages that need a sign-in. Without one, the person logs in first and then comes back here. */
function ForSignedIn(): ReactNode {
  const t = useT();
  const { user, failed } = useMe();
  const { pathname, search } = useLocation();
  useEffect(() => {
    if (user) signIn.start();
  }, [user]);
  if (failed) return <ErrorPage text={t("error.unreachable")} />;
  if (user === undefined) return <Waiting />;
  if (user === null) return <Navigate to={pathname === "/" ? "/login" : `/login?next=${encodeURIComponent(pathname + search)}`} replace />;
  return (
    <Suspense fallback={<Waiting />}>
      <SignedIn user={user}>
        <Suspense fallback={<Waiting />}>
          <Outlet />
        </Suspense>
      </SignedIn>
    </Suspense>
  );
}

/** Pages to log in or register on. Whoever is signed in goes on to the chat. */
function ForStrangers({ page }: { page: ReactNode }): ReactNode {
  const { user } = useMe();
  useArrival();
  const next = new URLSearchParams(useLocation().search).get("next");
  if (user) return <Navigate to={ownPath(next)} replace />;
  return page;
}

/** The user; null where nobody is signed in, undefined where that is not known (yet). */
function useMe() {
  const { data, error, isPending } = useQuery(meQuery);
  if (data !== undefined) return { user: data, failed: false };
  if (error instanceof ApiError && error.status === 401) return { user: null, failed: false };
  return { user: undefined, failed: !isPending };
}

/** While this is all there is, the skeleton from the document stays visible (shell.css). */
function Waiting(): ReactNode {
  const t = useT();
  useLayoutEffect(() => {
    const root = document.getElementById("root")!;
    root.dataset.waiting = "";
    return () => void delete root.dataset.waiting;
  }, []);
  return (
    <p className="visually-hidden" role="status">
      {t("app.loading")}
    </p>
  );
}
